//! What is to be known of a table, read once.

use std::sync::Arc;

use dynoxide::TableMetadata;
use dynoxide::storage_backend::sql_builders as sql;
use dynoxide::types::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType,
};
use serde::de::DeserializeOwned;

use super::value::{self, Item};
use super::{Stop, Sure};

/// A table that is served.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) partition: Attribute,
    pub(super) sort: Option<Attribute>,
    pub(super) indexes: Vec<Index>,
    pub(super) stream: Option<View>,
    /// The shard that dynoxide has for all records of the table's stream.
    pub(super) shard: String,
    pub(super) select: String,
    pub(super) upsert: String,
    pub(super) delete: String,
}

/// A key attribute, of type `S` or `N`.
#[derive(Clone)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: &'static str,
}

/// A secondary index with one partition key and at most one sort key.
pub(super) struct Index {
    pub(super) name: String,
    pub(super) is_local: bool,
    pub(super) partition: Attribute,
    pub(super) sort: Option<Attribute>,
    /// The attributes that an entry has; none says all.
    pub(super) projected: Option<Vec<String>>,
    pub(super) insert: String,
    pub(super) delete: String,
}

/// What dynoxide writes into the records of a stream.
pub(super) struct View {
    pub(super) name: String,
    pub(super) new: bool,
    pub(super) old: bool,
}

/// A key as dynoxide's tables have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) partition: String,
    pub(super) sort: String,
}

impl Table {
    /// None for tables with what is left to dynoxide: binary keys, keys of several attributes, vectors.
    pub(super) fn read(meta: &TableMetadata) -> Option<Arc<Self>> {
        let definitions: Vec<AttributeDefinition> = json(&meta.attribute_definitions)?;
        let schema: Vec<KeySchemaElement> = json(&meta.key_schema)?;
        let (partition, sort) = keys(&schema, &definitions)?;
        if meta.vector_index_definitions.as_deref().is_some_and(|vectors| vectors != "[]") {
            return None;
        }
        let base =
            Base { name: &meta.table_name, partition: &partition, sort: sort.as_ref(), definitions: &definitions };
        let globals: Vec<GlobalSecondaryIndex> = meta.gsi_definitions.as_deref().map_or(Some(Vec::new()), json)?;
        let locals: Vec<LocalSecondaryIndex> = meta.lsi_definitions.as_deref().map_or(Some(Vec::new()), json)?;
        let globals =
            globals.iter().map(|index| base.index(&index.index_name, &index.key_schema, &index.projection, false));
        let locals =
            locals.iter().map(|index| base.index(&index.index_name, &index.key_schema, &index.projection, true));
        let indexes = globals.chain(locals).collect::<Option<_>>()?;
        let name = meta.table_name.clone();
        let escaped = sql::escape_table_name(&name);
        Some(Arc::new(Self {
            stream: meta.stream_enabled.then(|| View::of(meta.stream_view_type.as_deref())),
            shard: dynoxide::streams::shard_id(&name),
            select: sql::get_item(&name, "", "").0,
            upsert: format!(
                "INSERT INTO \"{escaped}\" (pk, sk, item_json, item_size, hash_prefix) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (pk, sk) DO UPDATE SET item_json = ?3, item_size = ?4, hash_prefix = ?5"
            ),
            delete: sql::delete_item(&name, "", "").0,
            name,
            partition,
            sort,
            indexes,
        }))
    }

    pub(super) fn is_key(&self, name: &str) -> bool {
        self.partition.name == name || self.sort.as_ref().is_some_and(|sort| sort.name == name)
    }

    /// The key of an item.
    pub(super) fn key(&self, item: &Item) -> Sure<Key> {
        let partition = self.partition.text(item, 2048)?.ok_or(Stop::Theirs)?;
        let sort = match &self.sort {
            Some(sort) => sort.text(item, 1024)?.ok_or(Stop::Theirs)?,
            None => String::new(),
        };
        Ok(Key { partition, sort })
    }

    /// The key that a request names, with nothing beside it.
    pub(super) fn exact_key(&self, item: &Item) -> Sure<Key> {
        let attributes = if self.sort.is_some() { 2 } else { 1 };
        if item.len() != attributes {
            return Err(Stop::Theirs);
        }
        for value in item.values() {
            value::check(value)?;
        }
        self.key(item)
    }

    /// Whether what an item has for the keys of indexes can be one.
    pub(super) fn check_index_keys(&self, item: &Item) -> Sure<()> {
        for index in &self.indexes {
            index.partition.text(item, usize::MAX)?;
            if let Some(sort) = &index.sort {
                sort.text(item, usize::MAX)?;
            }
        }
        Ok(())
    }

    /// The key attributes of an item.
    pub(super) fn keys_of(&self, item: &Item) -> Item {
        let names = [Some(&self.partition), self.sort.as_ref()].into_iter().flatten();
        names.filter_map(|key| Some((key.name.clone(), item.get(&key.name)?.clone()))).collect()
    }
}

impl Attribute {
    /// The text under which dynoxide's tables have the attribute of an item, if it has it. A value that no key can have is left
    /// to dynoxide.
    pub(super) fn text(&self, item: &Item, longest: usize) -> Sure<Option<String>> {
        let Some(value) = item.get(&self.name) else { return Ok(None) };
        let inner = self.inner(value)?;
        if inner.len() > longest {
            return Err(Stop::Theirs);
        }
        Ok(Some(value::key_text(self.kind, inner)))
    }

    /// What a value of the attribute holds.
    pub(super) fn inner<'a>(&self, value: &'a serde_json::Value) -> Sure<&'a str> {
        let (kind, inner) = value::parts(value)?;
        let inner = inner.as_str().filter(|inner| !inner.is_empty() && kind == self.kind).ok_or(Stop::Theirs)?;
        Ok(inner)
    }
}

impl Index {
    pub(super) fn keys(&self) -> impl Iterator<Item = &Attribute> {
        [Some(&self.partition), self.sort.as_ref()].into_iter().flatten()
    }

    /// The key of an item's entry, if it has one.
    pub(super) fn key(&self, item: &Item) -> Sure<Option<Key>> {
        let Some(partition) = self.partition.text(item, usize::MAX)? else { return Ok(None) };
        let sort = match &self.sort {
            Some(sort) => sort.text(item, usize::MAX)?,
            None => Some(String::new()),
        };
        Ok(sort.map(|sort| Key { partition, sort }))
    }
}

impl View {
    fn of(name: Option<&str>) -> Self {
        let name = name.unwrap_or("NEW_AND_OLD_IMAGES");
        let both = name == "NEW_AND_OLD_IMAGES";
        Self { new: both || name == "NEW_IMAGE", old: both || name == "OLD_IMAGE", name: name.to_owned() }
    }
}

/// What the indexes of a table need of it.
struct Base<'a> {
    name: &'a str,
    partition: &'a Attribute,
    sort: Option<&'a Attribute>,
    definitions: &'a [AttributeDefinition],
}

impl Base<'_> {
    fn index(&self, name: &str, schema: &[KeySchemaElement], projection: &Projection, is_local: bool) -> Option<Index> {
        let (partition, sort) = keys(schema, self.definitions)?;
        let own = [Some(&partition), sort.as_ref(), Some(self.partition), self.sort].into_iter().flatten();
        let own: Vec<String> = own.map(|key| key.name.clone()).collect();
        let projected = match projection.projection_type.clone().unwrap_or_default() {
            ProjectionType::ALL => None,
            ProjectionType::KEYS_ONLY => Some(own),
            ProjectionType::INCLUDE => {
                let included = projection.non_key_attributes.iter().flatten().cloned();
                Some(own.into_iter().chain(included).collect())
            }
        };
        let (insert, delete) = match is_local {
            true => (sql::lsi_insert_sql(self.name, name), sql::delete_lsi_item(self.name, name, "", "").0),
            false => (sql::gsi_insert_sql(self.name, name), sql::delete_gsi_item(self.name, name, "", "").0),
        };
        Some(Index { name: name.to_owned(), is_local, partition, sort, projected, insert, delete })
    }
}

fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn keys(schema: &[KeySchemaElement], definitions: &[AttributeDefinition]) -> Option<(Attribute, Option<Attribute>)> {
    let attribute = |key: &KeySchemaElement| {
        let definition = definitions.iter().find(|definition| definition.attribute_name == key.attribute_name)?;
        let kind = match definition.attribute_type {
            ScalarAttributeType::S => "S",
            ScalarAttributeType::N => "N",
            ScalarAttributeType::B => return None,
        };
        Some(Attribute { name: key.attribute_name.clone(), kind })
    };
    let of = |kind: KeyType| schema.iter().filter(move |key| key.key_type == kind).map(attribute);
    let partitions: Vec<Attribute> = of(KeyType::HASH).collect::<Option<_>>()?;
    let sorts: Vec<Attribute> = of(KeyType::RANGE).collect::<Option<_>>()?;
    let [partition] = <[Attribute; 1]>::try_from(partitions).ok()?;
    (sorts.len() <= 1).then(|| (partition, sorts.into_iter().next()))
}
