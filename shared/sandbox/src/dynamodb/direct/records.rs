//! GetRecords, as dynoxide answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::request::Members;
use super::value::has_number_set;
use super::{Session, Stop, Sure};

const SELECT: &str = "SELECT event_name, keys_json, new_image, old_image, sequence_number, created_at, user_identity, event_id \
     FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3 \
     ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4";

/// The most that [one call](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html) answers.
const MOST: u64 = 1000;

/// Dynoxide shows numbers with 21 digits.
const ORIGIN: i128 = 100_000_000_000_000_000_000;

/// Dynoxide's iterator: the number after which it goes on.
#[derive(Serialize, Deserialize)]
struct Iterator {
    table_name: String,
    shard_id: String,
    position: i64,
}

pub(super) fn get(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let members = Members::of(input, &["ShardIterator", "Limit"])?;
    let limit = members.get("Limit").map_or(Some(MOST), Value::as_u64).ok_or(Stop::Theirs)?.min(MOST);
    let text = STANDARD.decode(members.required("ShardIterator")?).map_err(|_| Stop::Theirs)?;
    let mut at: Iterator = serde_json::from_slice(&text).map_err(|_| Stop::Theirs)?;
    let table = session.table(&at.table_name)?;
    let view = table.stream.as_ref().ok_or(Stop::Theirs)?;
    let rows = session.rows();
    let mut select = rows.connection.prepare_cached(SELECT)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = select.query((&at.table_name, &at.shard_id, at.position, limit))?;
    let mut records = Vec::new();
    while let Some(row) = found.next()? {
        let (number, record) = record(row, &view.name)?;
        at.position = at.position.max(number);
        records.push(record);
    }
    let next = serde_json::to_string(&at).map_err(|_| Stop::Theirs)?;
    let answer =
        [("Records".to_owned(), records.into()), ("NextShardIterator".to_owned(), STANDARD.encode(next).into())];
    Ok(Value::Object(Map::from_iter(answer)))
}

fn record(row: &Row<'_>, view: &str) -> Sure<(i64, Value)> {
    let keys: String = row.get(1)?;
    let images = [("NewImage", row.get::<_, Option<String>>(2)?), ("OldImage", row.get(3)?)];
    let stored: String = row.get(4)?;
    let number: i64 = stored.parse().map_err(|_| Stop::Theirs)?;
    let identity: Option<String> = row.get(6)?;
    let id: Option<String> = row.get(7)?;
    // A deletion by time to live names who did it.
    if identity.is_some() {
        return Err(Stop::Theirs);
    }
    let size = keys.len() + images.iter().filter_map(|(_, image)| image.as_ref()).map(String::len).sum::<usize>();
    let mut change = Map::from_iter([
        ("Keys".to_owned(), parse(&keys)?),
        ("SequenceNumber".to_owned(), (ORIGIN + i128::from(number.max(0))).to_string().into()),
        ("SizeBytes".to_owned(), size.into()),
        ("StreamViewType".to_owned(), view.into()),
        ("ApproximateCreationDateTime".to_owned(), seconds(row.get(5)?).into()),
    ]);
    for (name, image) in images {
        if let Some(image) = image {
            change.insert(name.to_owned(), parse(&image)?);
        }
    }
    let name: String = row.get(0)?;
    let members = [
        ("eventID", id.unwrap_or(stored).into()),
        ("eventName", name.into()),
        ("eventVersion", "1.1".into()),
        ("eventSource", "aws:dynamodb".into()),
        ("awsRegion", dynoxide::streams::LOCAL_REGION.into()),
        ("dynamodb", Value::Object(change)),
    ];
    let record = Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    Ok((number, record))
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far from where it begins")]
fn seconds(stored: i64) -> f64 {
    stored as f64
}

/// A record shows sets of numbers in an order of its own.
fn parse(image: &str) -> Sure<Value> {
    let image = serde_json::from_str(image).map_err(|_| Stop::Theirs)?;
    if has_number_set(&image) { Err(Stop::Theirs) } else { Ok(image) }
}
