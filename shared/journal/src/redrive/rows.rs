//! What a redrive writes to the rows of failures.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{RedriveError, Redriver};
use crate::failure::{FAILURE_DAYS, Failure};
use crate::keys::{expiry, key_time};

impl Redriver {
    /// Marks that a redrive begins, before anything is sent. `false` when it is not open any more.
    ///
    /// # Errors
    /// Somebody else's redrive of it began within the last minute; or DynamoDB refused.
    pub async fn begin(&self, failure: &Failure) -> Result<bool, RedriveError> {
        let now = self.ambient.now();
        let failed = |source| RedriveError::Mark { failure_id: failure.failure_id.clone(), source: Box::new(source) };
        let found = self.reader.failure(&failure.failure_id).await?;
        let Some(found) = found.filter(|found| found.status == "open") else { return Ok(false) };
        if found.redriving_at.is_some() && found.interrupted(now).is_none() {
            return Err(RedriveError::under_way(&found));
        }
        let before = found.redriving_at.map_or_else(|| "-".to_owned(), key_time);
        let update = self.open_row(failure).update_expression("SET redriving_at = :now");
        let update = update
            .condition_expression("#status = :open AND (attribute_not_exists(redriving_at) OR redriving_at = :before)")
            .expression_attribute_values(":before", AttributeValue::S(before));
        match update.expression_attribute_values(":now", AttributeValue::S(key_time(now))).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_settled(&error) => Err(RedriveError::under_way(&found)),
            Err(source) => Err(failed(source)),
        }
    }

    /// Takes the mark of a redrive away that could not send: it may be given again at once.
    pub(super) async fn give_up(&self, failure: &Failure) -> Result<(), RedriveError> {
        let update =
            self.open_row(failure).update_expression("REMOVE redriving_at").condition_expression("#status = :open");
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_settled(&error) => Ok(()),
            Err(source) => Err(RedriveError::Mark { failure_id: failure.failure_id.clone(), source: Box::new(source) }),
        }
    }

    fn open_row(&self, failure: &Failure) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.reader.tables.failures)
            .key("failure_id", AttributeValue::S(failure.failure_id.clone()))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":open", AttributeValue::S("open".into()))
    }

    /// Marks a failure that was sent: it is not open any more, and from now on expires. One that is not open stays as it is.
    ///
    /// # Errors
    /// DynamoDB refused.
    pub async fn mark_redriven(&self, failure: &Failure, sent_as: &str) -> Result<(), RedriveError> {
        self.mark(failure, "redriven", |update| {
            update
                .update_expression(
                    "SET #status = :status, redriven_at = :now, redriven_as = :said, expires_at = :expires REMOVE inbox, redriving_at",
                )
                .expression_attribute_values(":said", AttributeValue::S(sent_as.to_owned()))
        })
        .await
    }

    pub(super) async fn mark_resolved(&self, failure: &Failure, because: &str) -> Result<(), RedriveError> {
        self.mark(failure, "resolved", |update| {
            update
                .update_expression(
                    "SET #status = :status, resolved_at = :now, resolved_because = :said, expires_at = :expires REMOVE inbox, redriving_at",
                )
                .expression_attribute_values(":said", AttributeValue::S(because.to_owned()))
        })
        .await
    }

    async fn mark(
        &self,
        failure: &Failure,
        status: &str,
        update: impl FnOnce(UpdateItemFluentBuilder) -> UpdateItemFluentBuilder,
    ) -> Result<(), RedriveError> {
        let now = self.ambient.now();
        let request = self
            .open_row(failure)
            .condition_expression("#status = :open")
            .expression_attribute_values(":status", AttributeValue::S(status.into()))
            .expression_attribute_values(":now", AttributeValue::S(key_time(now)))
            .expression_attribute_values(":expires", AttributeValue::N(expiry(now, FAILURE_DAYS).to_string()));
        match update(request).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_settled(&error) => Ok(()),
            Err(source) => Err(RedriveError::Mark { failure_id: failure.failure_id.clone(), source: Box::new(source) }),
        }
    }
}

/// Somebody else was first.
fn is_settled(error: &SdkError<UpdateItemError>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
