//! What is in the tables before the first event.

use std::path::Path;

use serde_json::{Map, Value, json};
use throughline_sandbox::template::Topology;
use throughline_sandbox::{Cloud, Service};

use crate::error::CliError;

/// Puts the rows of `<table>.json` into the stack's table of that name.
pub(super) async fn seed(cloud: &Cloud, topology: &Topology, folder: &Path) -> Result<(), CliError> {
    let Ok(files) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let Some(short) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let name = format!("{}-{short}", topology.stack_name);
        let broken = |what: String| {
            CliError::environment(
                "seed_broken",
                format!("{}: {what}", path.display()),
                "A seed is a list of rows for the table of its name.",
            )
        };
        if !topology.tables.iter().any(|table| table.name == name) {
            return Err(broken(format!("the stack has no table {name}")));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
        let rows: Vec<Map<String, Value>> = serde_json::from_str(&text).map_err(|e| broken(e.to_string()))?;
        for row in rows {
            let item: Map<String, Value> = row.into_iter().map(|(name, value)| (name, attribute(value))).collect();
            let input = json!({ "TableName": name, "Item": item });
            cloud.call(Service::DynamoDb, "PutItem", input).await.map_err(|e| broken(e.to_string()))?;
        }
    }
    Ok(())
}

/// JSON as DynamoDB's wire has it.
fn attribute(value: Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.into_iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(map) => {
            let map: Map<String, Value> = map.into_iter().map(|(name, value)| (name, attribute(value))).collect();
            json!({ "M": map })
        }
    }
}
