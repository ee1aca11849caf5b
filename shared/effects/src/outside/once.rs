//! `once`: an effect outside DynamoDB, done once as far as we can know.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::limits::RESPONSE_BYTES;
use crate::outbox::sortable;
use crate::world::World;

/// How long a result is kept: past the time in which the same event can come back.
const SECONDS: i64 = 60 * 24 * 60 * 60;

/// The capability to act outside DynamoDB. Handlers take it as an argument; there is no other way out of a handler.
///
/// The result of the call is stored, and whoever asks again with the same key gets it without calling. A crash between the call
/// and the storing means that the next attempt calls again: so the key goes to the outside party as well, as its idempotency key.
///
/// ```text
///   A ── look: nothing ── call(key) ✓ ── store ✓ ── result          B ── look: stored ── the same result
///   A ── look: nothing ── call(key) ✓ ── ✗ crash                    B ── look: nothing ── call(key): the party knows the key
/// ```
#[derive(Debug, Clone)]
pub struct Once {
    world: World,
    function: String,
}

impl Once {
    /// The capability of a function.
    #[must_use]
    pub fn new(world: &World, function: &str) -> Self {
        Self { world: world.clone(), function: function.to_owned() }
    }

    /// Does `call`, unless its result is stored under `key` already. The key is handed to the call, to be passed on.
    ///
    /// # Errors
    /// The call's own failure, of which nothing is stored; or transient when the result cannot be read or stored.
    pub async fn call<T, F>(&self, key: &str, call: impl FnOnce(String) -> F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, Failure>>,
    {
        if let Some(stored) = self.stored(key).await? {
            return Ok(serde_json::from_str(&stored)?);
        }
        let result = call(key.to_owned()).await?;
        let text = serde_json::to_string(&result)?;
        if text.len() > RESPONSE_BYTES {
            let cause = format!("the result of {key} is {} bytes; at most {RESPONSE_BYTES} are stored", text.len());
            return Err(Failure::permanent("too_large", cause));
        }
        match self.store(key, text).await? {
            Some(theirs) => Ok(serde_json::from_str(&theirs)?),
            None => Ok(result),
        }
    }

    async fn stored(&self, key: &str) -> Result<Option<String>, Failure> {
        let answer = self
            .world
            .clients()
            .dynamodb()
            .get_item()
            .table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
            .key("key", AttributeValue::S(format!("once|{key}")))
            .consistent_read(true)
            .send()
            .await?;
        let now = self.world.ambient().now().as_second();
        let fresh = answer.item().filter(|item| expiry(item) >= now);
        Ok(fresh.and_then(|item| Some(item.get("result")?.as_s().ok()?.clone())))
    }

    /// Stores the result. When somebody else stored one first, answers theirs.
    async fn store(&self, key: &str, result: String) -> Result<Option<String>, Failure> {
        let now = self.world.ambient().now();
        let put = self
            .world
            .clients()
            .dynamodb()
            .put_item()
            .table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
            .item("key", AttributeValue::S(format!("once|{key}")))
            .item("status", AttributeValue::S("done".to_owned()))
            .item("result", AttributeValue::S(result))
            .item("function", AttributeValue::S(self.function.clone()))
            .item("created_at", AttributeValue::S(sortable(now)))
            .item("expires_at", AttributeValue::N((now.as_second() + SECONDS).to_string()))
            .condition_expression("attribute_not_exists(#key) OR expires_at < :now")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()));
        match put.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(None),
            Err(error) if error.is_conditional_check_failed_exception() => self.stored(key).await,
            Err(error) => Err(error.into()),
        }
    }
}

fn expiry(item: &std::collections::HashMap<String, AttributeValue>) -> i64 {
    item.get("expires_at").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}
