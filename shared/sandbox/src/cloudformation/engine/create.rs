//! A new stack.

use std::sync::Arc;

use super::{Failure, Run, kind_of, listed};
use crate::cloudformation::model::Model;
use crate::cloudformation::resources;
use crate::cloudformation::stack::Settings;

/// What becomes of a stack that could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cloudformation) enum OnFailure {
    RollBack,
    Keep,
    Delete,
}

impl Run {
    /// Creates everything.
    pub(in crate::cloudformation) async fn create_stack(self, model: Arc<Model>, settings: Settings, on: OnFailure) {
        let failure = match self.create_all(&model, &settings).await {
            Ok(()) => match self.settle_outputs(&model) {
                Ok(()) => return self.set_status("CREATE_COMPLETE", None),
                Err(reason) => reason,
            },
            Err(failure) => {
                format!("The following resource(s) failed to create: {}. ", listed(&[failure.logical_id]))
            }
        };
        match on {
            OnFailure::Keep => self.set_status("CREATE_FAILED", Some(failure)),
            OnFailure::RollBack => {
                let reason = format!("{failure}Rollback requested by user.");
                self.change(|stack| stack.deleted = Some(self.cloud.clock().now()));
                self.set_status("ROLLBACK_IN_PROGRESS", Some(reason));
                let failed = self.delete_all(false, &[]).await;
                let (status, reason) = match failed.as_slice() {
                    [] => ("ROLLBACK_COMPLETE", None),
                    failed => (
                        "ROLLBACK_FAILED",
                        Some(format!("The following resource(s) failed to delete: {}. ", listed(failed))),
                    ),
                };
                self.set_status(status, reason);
            }
            OnFailure::Delete => {
                self.set_status("DELETE_IN_PROGRESS", Some(format!("{failure}Delete requested by user.")));
                self.finish_delete(&[]).await;
            }
        }
    }

    /// Creates every resource, each after those that it needs.
    pub(super) async fn create_all(&self, model: &Model, settings: &Settings) -> Result<(), Failure> {
        for logical_id in model.resources.keys() {
            self.create_one(model, logical_id, settings).await?;
        }
        Ok(())
    }

    /// Creates one resource of the model, which the stack does not have.
    pub(super) async fn create_one(&self, model: &Model, logical_id: &str, settings: &Settings) -> Result<(), Failure> {
        let Some(declared) = model.resources.get(logical_id) else { return Ok(()) };
        let properties = self.properties(model, logical_id, settings);
        let shown = properties.as_ref().map_or(serde_json::Value::Null, Clone::clone);
        let resource = declared.resource(self, shown, None);
        self.change(|stack| stack.resources.insert(logical_id.to_owned(), resource));
        self.keep_metadata(model, logical_id);
        self.set_resource(logical_id, "CREATE_IN_PROGRESS", None);
        let created = match properties {
            Ok(properties) => match kind_of(&declared.kind) {
                Ok(kind) => resources::create(&self.at(logical_id), kind, &properties)
                    .await
                    .map_err(|refused| self.failure(logical_id, refused)),
                Err(reason) => Err(Failure::unresolved(logical_id, reason)),
            },
            Err(failure) => Err(failure),
        };
        match created {
            Ok(made) => {
                self.change(|stack| stack.resources.get_mut(logical_id).map(|resource| resource.made = Some(made)));
                self.set_resource(logical_id, "CREATE_IN_PROGRESS", Some("Resource creation Initiated".into()));
                self.set_resource(logical_id, "CREATE_COMPLETE", None);
                Ok(())
            }
            Err(failure) => {
                self.set_resource(logical_id, "CREATE_FAILED", Some(failure.reason.clone()));
                Err(failure)
            }
        }
    }
}
