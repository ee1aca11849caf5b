//! Whether any item's time to live is over.
//!
//! Dynoxide's sweep reads every item, and counts the table once for each page of them. Most sweeps find nothing, which SQLite
//! sees by itself.

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use dynoxide::storage_backend::sql_builders::escape_table_name;
use rusqlite::params;

/// Whether there may be an item whose time to live is before `now`, in seconds since 1970. What looks like one counts: dynoxide decides.
pub(super) fn is_due(storage: &Storage, now: i64) -> Result<bool, DynoxideError> {
    for table in storage.list_ttl_enabled_tables()? {
        let attribute = table.ttl_attribute.unwrap_or_default();
        if attribute.contains(['"', '\\']) {
            // A path in SQLite cannot name it.
            return Ok(true);
        }
        let rows = escape_table_name(&table.table_name);
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM \"{rows}\" WHERE CAST(json_extract(item_json, ?1) AS INTEGER) < ?2)");
        let mut statement = storage.conn().prepare_cached(&sql)?;
        if statement.query_row(params![format!("$.\"{attribute}\".N"), now], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}
