//! From any id to the workflows that it belongs to.

use std::collections::BTreeSet;

use throughline_envelope::CorrelationId;

use super::{ReadError, Reader, StoredEvent};
use crate::failure::Failure;
use crate::row::Rows;

/// What an id led to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Subject {
    /// A workflow, by its correlation id.
    Workflow(String),
    /// A dead letter that belongs to no workflow.
    Failure(Box<Failure>),
}

impl Reader {
    /// The workflows that an id belongs to, the newest last: a correlation, event, saga, failure or request id, or a business key
    /// such as an order's id; a message by SQS's id too, if it failed or is no event. Empty when nothing is known of it.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn find(&self, id: &str) -> Result<Vec<Subject>, ReadError> {
        let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
        let found = match prefix {
            "cor" => self.known(id).await?,
            "fail" => return Ok(self.failure(id).await?.map(of_failure).into_iter().collect()),
            "saga" => correlations(&self.by_saga(id).await?, &[]),
            "evt" => self.of_event(id).await?,
            _ => self.of_anything(id).await?,
        };
        if found.is_empty() {
            return self.of_message(id).await;
        }
        Ok(found.into_iter().map(Subject::Workflow).collect())
    }

    async fn known(&self, id: &str) -> Result<Vec<String>, ReadError> {
        let known = !self.by_correlation(id).await?.is_empty()
            || !self.events_of(id).await?.is_empty()
            || !self.failures_of(id).await?.is_empty();
        Ok(if known { vec![id.to_owned()] } else { Vec::new() })
    }

    async fn of_event(&self, id: &str) -> Result<Vec<String>, ReadError> {
        Ok(correlations(&self.by_event(id).await?, &self.event(id).await?))
    }

    /// By SQS's id of a message: its failure says the workflow; what is no event has one by that id.
    async fn of_message(&self, id: &str) -> Result<Vec<Subject>, ReadError> {
        if let Some(failure) = self.failure_of_message(id).await? {
            return Ok(vec![of_failure(failure)]);
        }
        let derived = CorrelationId::of_delivery(id);
        Ok(self.known(derived.as_str()).await?.into_iter().map(Subject::Workflow).collect())
    }

    /// A business key, else a foreign event's id (a command's), else a request's.
    async fn of_anything(&self, id: &str) -> Result<Vec<String>, ReadError> {
        let found = correlations(&self.by_subject(id).await?, &self.events_of_subject(id).await?);
        if !found.is_empty() {
            return Ok(found);
        }
        let found = self.of_event(id).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        Ok(correlations(&self.by_request(id.strip_prefix("req_").unwrap_or(id)).await?, &[]))
    }
}

fn of_failure(failure: Failure) -> Subject {
    match &failure.correlation_id {
        Some(correlation) => Subject::Workflow(correlation.clone()),
        None => Subject::Failure(Box::new(failure)),
    }
}

/// The correlation ids, by the time at which each was seen first.
fn correlations(rows: &Rows, events: &[StoredEvent]) -> Vec<String> {
    let of_lines = rows.lines.iter().filter_map(|line| Some((line.time, line.correlation_id.clone()?)));
    let of_events = events.iter().map(|event| (event.created_at, event.correlation_id.clone()));
    let mut seen: Vec<_> = of_lines.chain(of_events).collect();
    seen.sort();
    let mut known = BTreeSet::new();
    seen.into_iter().map(|(_, id)| id).filter(|id| known.insert(id.clone())).collect()
}
