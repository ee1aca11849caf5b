//! Deleting a stack, or what of it was made.

use super::{Run, kind_of, listed};
use crate::cloudformation::resources;

impl Run {
    /// Deletes everything but what is to stay.
    pub(in crate::cloudformation) async fn delete_stack(self, retain: Vec<String>) {
        self.set_status("DELETE_IN_PROGRESS", Some("User Initiated".into()));
        self.finish_delete(&retain).await;
    }

    pub(super) async fn finish_delete(&self, retain: &[String]) {
        let failed = self.delete_all(true, retain).await;
        if failed.is_empty() {
            self.change(|stack| {
                stack.deleted = Some(self.cloud.clock().now());
                stack.outputs.clear();
                stack.change_sets.clear();
            });
            self.set_status("DELETE_COMPLETE", None);
        } else {
            let reason = format!("The following resource(s) failed to delete: {}. ", listed(&failed));
            self.set_status("DELETE_FAILED", Some(reason));
        }
    }

    /// Deletes every resource, the last first, except those that are retained. Answers those that would not go.
    pub(super) async fn delete_all(&self, keep_retained: bool, retain: &[String]) -> Vec<String> {
        let order: Vec<String> =
            self.change(|stack| stack.resources.keys().rev().cloned().collect()).unwrap_or_default();
        let mut failed = Vec::new();
        for logical_id in order {
            let Some(resource) = self.resource(&logical_id) else { continue };
            if resource.status == "DELETE_COMPLETE" || resource.status == "DELETE_SKIPPED" {
                continue;
            }
            if (keep_retained && resource.retained && resource.made.is_some()) || retain.contains(&logical_id) {
                self.set_resource(&logical_id, "DELETE_SKIPPED", None);
                continue;
            }
            if !self.delete_one(&logical_id).await {
                failed.push(logical_id);
            }
        }
        failed
    }

    /// Deletes one resource. False when its service would not.
    pub(super) async fn delete_one(&self, logical_id: &str) -> bool {
        let Some(resource) = self.resource(logical_id) else { return true };
        let Some(made) = &resource.made else {
            self.set_resource(logical_id, "DELETE_COMPLETE", None);
            return true;
        };
        self.set_resource(logical_id, "DELETE_IN_PROGRESS", None);
        let deleted = match kind_of(&resource.kind) {
            Ok(kind) => resources::delete(&self.at(logical_id), kind, made, &resource.properties).await,
            Err(_) => Ok(()),
        };
        match deleted {
            Ok(()) => {
                self.set_resource(logical_id, "DELETE_COMPLETE", None);
                true
            }
            Err(refused) => {
                let reason = self.failure(logical_id, refused).reason;
                self.set_resource(logical_id, "DELETE_FAILED", Some(reason));
                false
            }
        }
    }
}
