//! Writing many rows.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

use crate::attribute::{Item, item};
use crate::read::ReadError;
use crate::row::Fields;

/// Items in one request: [a limit of DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html).
const BATCH: usize = 25;
/// Tries before items that DynamoDB hands back are an error. The waits add up to less than seven seconds.
const TRIES: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Why rows were not written. All of it is worth another try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The table does not take more at the moment.
    #[error("{left} rows were handed back by DynamoDB, {TRIES} times in a row")]
    Unprocessed {
        /// How many.
        left: usize,
    },
    /// The batch was refused.
    #[error("could not write a batch of rows")]
    Batch(#[from] Box<SdkError<BatchWriteItemError>>),
    /// A row was refused.
    #[error("could not write a row")]
    Put(#[from] Box<SdkError<PutItemError>>),
    /// What the row is derived from could not be read.
    #[error("could not read what the row is derived from")]
    Read(#[from] ReadError),
    /// A request that is not one.
    #[error("could not build a request")]
    Build(#[from] BuildError),
}

/// Writes the rows; of several with the same key the last one. Returns how many there were.
pub(crate) async fn write(client: &Client, table: &str, rows: Vec<Fields>) -> Result<usize, WriteError> {
    // One request may not name the same key twice.
    let by_key: BTreeMap<_, _> = rows.iter().map(|row| ((text(row, "pk"), text(row, "sk")), item(row))).collect();
    let count = by_key.len();
    let mut items = by_key.into_values().peekable();
    while items.peek().is_some() {
        let requests = items.by_ref().take(BATCH).map(put).collect::<Result<Vec<_>, _>>()?;
        send(client, table, requests).await?;
    }
    Ok(count)
}

fn text<'a>(row: &'a Fields, name: &str) -> &'a str {
    row.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}

fn put(item: Item) -> Result<WriteRequest, BuildError> {
    Ok(WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build()?).build())
}

async fn send(client: &Client, table: &str, mut requests: Vec<WriteRequest>) -> Result<(), WriteError> {
    let mut wait = FIRST_WAIT;
    for _ in 0..TRIES {
        let answer = client.batch_write_item().request_items(table, requests).send().await.map_err(Box::new)?;
        requests = answer.unprocessed_items.unwrap_or_default().remove(table).unwrap_or_default();
        if requests.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    Err(WriteError::Unprocessed { left: requests.len() })
}
