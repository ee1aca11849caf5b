//! What a table holds, read past the operations: for checks that look at whole tables again and again.

use dynoxide::storage::ScanParams;

use super::errors;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// An item as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct StoredItem {
    /// Its partition key and its sort key (empty where the table has none), each as text after its type: `S:…`.
    pub key: (String, String),
    /// The item as DynamoDB's API writes it: `{"id":{"S":"…"},…}`. The same text is the same item.
    pub json: String,
}

impl Cloud {
    /// The items of a table at this moment, in the order of their keys. No operation of DynamoDB: nothing is throttled, nothing expires,
    /// no fault strikes.
    ///
    /// # Errors
    /// `ResourceNotFoundException`: there is no such table.
    pub fn items(&self, table: &str) -> Result<Vec<StoredItem>, ServiceError> {
        let database = self.dynamodb().database()?;
        let items = database.run(async |storage| {
            if !storage.table_exists(table)? {
                let message = "Requested resource not found".to_owned();
                return Err(dynoxide::DynoxideError::ResourceNotFoundException(message));
            }
            storage.scan_items(table, &ScanParams::default())
        });
        let items = items.map_err(|error| errors::convert("Scan", error))?;
        Ok(items.into_iter().map(|(partition, sort, json)| StoredItem { key: (partition, sort), json }).collect())
    }
}
