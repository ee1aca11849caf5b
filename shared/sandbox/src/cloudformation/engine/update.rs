//! An update: what differs is changed in place or replaced, what left the template goes, and all of it is taken back when
//! something fails
//! ([updating stacks](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html)).

use std::sync::Arc;

use serde_json::Value;

use super::{Failure, Run, kind_of, listed};
use crate::cloudformation::model::Model;
use crate::cloudformation::plan::changed;
use crate::cloudformation::resources::{self, Kind, Recreation};
use crate::cloudformation::stack::{Resource, Settings};

/// What was done to a resource, so that it can be undone.
enum Done {
    Created(String),
    Updated(String, Resource),
    /// The resource that another took the place of; it is still there.
    Replaced(String, Resource),
}

/// What an update is from and to.
pub(in crate::cloudformation) struct Update {
    pub(in crate::cloudformation) model: Arc<Model>,
    pub(in crate::cloudformation) settings: Settings,
    pub(in crate::cloudformation) before: Option<Arc<Model>>,
    pub(in crate::cloudformation) settings_before: Settings,
    pub(in crate::cloudformation) keep_failed: bool,
}

impl Run {
    pub(in crate::cloudformation) async fn update_stack(self, update: Update) {
        self.set_status("UPDATE_IN_PROGRESS", Some("User Initiated".into()));
        let mut done = Vec::new();
        let failure = match self.update_all(&update, &mut done).await {
            Ok(()) => match self.settle_outputs(&update.model) {
                Ok(()) => {
                    self.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None);
                    self.clean_up(&update.model, done).await;
                    return self.set_status("UPDATE_COMPLETE", None);
                }
                Err(reason) => reason,
            },
            Err((failure, is_new)) => {
                let what = if is_new { "create" } else { "update" };
                format!("The following resource(s) failed to {what}: {}. ", listed(&[failure.logical_id]))
            }
        };
        if update.keep_failed {
            return self.set_status("UPDATE_FAILED", Some(failure));
        }
        self.set_status("UPDATE_ROLLBACK_IN_PROGRESS", Some(failure));
        let failed = self.roll_back(done).await;
        self.change(|stack| {
            stack.model.clone_from(&update.before);
            stack.settings = update.settings_before.clone();
        });
        if let Some(before) = &update.before {
            let _ = self.settle_outputs(before);
        }
        if failed.is_empty() {
            self.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None);
            self.set_status("UPDATE_ROLLBACK_COMPLETE", None);
        } else {
            let reason = format!("The following resource(s) failed to update: {}. ", listed(&failed));
            self.set_status("UPDATE_ROLLBACK_FAILED", Some(reason));
        }
    }

    /// The failure, and whether it was a new resource's.
    async fn update_all(&self, update: &Update, done: &mut Vec<Done>) -> Result<(), (Failure, bool)> {
        for logical_id in update.model.resources.keys() {
            match self.resource(logical_id) {
                None => {
                    done.push(Done::Created(logical_id.clone()));
                    self.create_one(&update.model, logical_id, &update.settings).await.map_err(|f| (f, true))?;
                }
                Some(old) => {
                    self.update_one(update, logical_id, old, done).await.map_err(|failure| (failure, false))?;
                }
            }
        }
        Ok(())
    }

    async fn update_one(&self, update: &Update, id: &str, old: Resource, done: &mut Vec<Done>) -> Result<(), Failure> {
        let Some(declared) = update.model.resources.get(id) else { return Ok(()) };
        self.change(|stack| {
            if let Some(resource) = stack.resources.get_mut(id) {
                resource.retained = declared.retained;
                resource.retained_on_replace = declared.retained_on_replace;
            }
        });
        self.keep_metadata(&update.model, id);
        let properties = match self.properties(&update.model, id, &update.settings) {
            Ok(properties) if properties == old.properties => return Ok(()),
            Ok(properties) => properties,
            Err(failure) => {
                done.push(Done::Updated(id.to_owned(), old));
                self.set_resource(id, "UPDATE_FAILED", Some(failure.reason.clone()));
                return Err(failure);
            }
        };
        let kind = kind_of(&declared.kind).map_err(|reason| Failure::unresolved(id, reason))?;
        self.change(|stack| stack.resources.get_mut(id).map(|resource| resource.properties = properties.clone()));
        let replaces = changed(&old.properties, &properties)
            .iter()
            .any(|name| kind.recreation(name, old.properties.get(name), properties.get(name)) == Recreation::Always);
        let result = if replaces {
            self.replace(kind, id, &old, &properties, done).await
        } else {
            self.change_in_place(kind, id, &old, &properties, done).await
        };
        match result {
            Ok(()) => {
                self.set_resource(id, "UPDATE_COMPLETE", None);
                Ok(())
            }
            Err(failure) => {
                self.set_resource(id, "UPDATE_FAILED", Some(failure.reason.clone()));
                Err(failure)
            }
        }
    }

    async fn change_in_place(
        &self,
        kind: &Kind,
        id: &str,
        old: &Resource,
        new: &Value,
        done: &mut Vec<Done>,
    ) -> Result<(), Failure> {
        self.set_resource(id, "UPDATE_IN_PROGRESS", None);
        if let Err(refused) = resources::changeable(kind, new) {
            self.forget_properties(id, old);
            return Err(self.failure(id, refused));
        }
        done.push(Done::Updated(id.to_owned(), old.clone()));
        let Some(made) = &old.made else { return Ok(()) };
        let updated = resources::update(&self.at(id), kind, made, &old.properties, new).await;
        let made = updated.map_err(|refused| self.failure(id, refused))?;
        self.change(|stack| stack.resources.get_mut(id).map(|resource| resource.made = Some(made)));
        Ok(())
    }

    /// The old resource was not touched: nothing is to be undone but what the stack says of it.
    fn forget_properties(&self, id: &str, old: &Resource) {
        self.change(|stack| stack.resources.get_mut(id).map(|resource| resource.properties = old.properties.clone()));
    }

    /// Creates what takes the resource's place; the old one goes when everything else is done.
    async fn replace(
        &self,
        kind: &Kind,
        id: &str,
        old: &Resource,
        new: &Value,
        done: &mut Vec<Done>,
    ) -> Result<(), Failure> {
        let reason = "Requested update requires the creation of a new physical resource; hence creating one.";
        self.set_resource(id, "UPDATE_IN_PROGRESS", Some(reason.into()));
        let name = kind.name.and_then(|name| new.get(name));
        if let Some(name) = name.filter(|name| kind.name.and_then(|key| old.properties.get(key)) == Some(name)) {
            done.push(Done::Updated(id.to_owned(), old.clone()));
            let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            let reason = format!(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and \
                 update the stack again."
            );
            return Err(Failure::unresolved(id, reason));
        }
        match resources::create(&self.at(id), kind, new).await {
            Ok(made) => {
                self.change(|stack| stack.resources.get_mut(id).map(|resource| resource.made = Some(made)));
                self.set_resource(id, "UPDATE_IN_PROGRESS", Some("Resource creation Initiated".into()));
                done.push(Done::Replaced(id.to_owned(), old.clone()));
                Ok(())
            }
            Err(refused) => {
                self.forget_properties(id, old);
                Err(self.failure(id, refused))
            }
        }
    }

    /// Deletes what was replaced and what left the template. What will not go stays behind, and the update is complete.
    async fn clean_up(&self, model: &Model, done: Vec<Done>) {
        for step in done.into_iter().rev() {
            let Done::Replaced(id, old) = step else { continue };
            let Some(made) = &old.made else { continue };
            if self.resource(&id).is_some_and(|resource| resource.retained_on_replace) {
                continue;
            }
            self.delete_old(&id, &old, made).await;
        }
        let order: Vec<String> =
            self.change(|stack| stack.resources.keys().rev().cloned().collect()).unwrap_or_default();
        for id in order.into_iter().filter(|id| !model.resources.contains_key(id)) {
            let Some(resource) = self.resource(&id) else { continue };
            if resource.retained {
                self.set_resource(&id, "DELETE_SKIPPED", None);
            } else {
                self.delete_one(&id).await;
            }
            self.change(|stack| stack.resources.shift_remove(&id));
        }
        // Resources stand in the order of the template that made them, so that they are deleted in the right one.
        self.change(|stack| {
            let place = |id: &String| model.resources.get_index_of(id).unwrap_or(usize::MAX);
            stack.resources.sort_by(|a, _, b, _| place(a).cmp(&place(b)));
        });
    }

    /// Deletes a physical resource that is no longer the stack's. Its events name the old physical id.
    async fn delete_old(&self, id: &str, old: &Resource, made: &resources::Made) {
        let Ok(kind) = kind_of(&old.kind) else { return };
        let current = self.resource(id);
        let show = |status, reason| {
            self.change(|stack| {
                stack.resources.insert(id.to_owned(), old.clone());
                stack.set_resource(&self.cloud, id, status, reason);
                if let Some(current) = &current {
                    stack.resources.insert(id.to_owned(), current.clone());
                }
            });
        };
        show("DELETE_IN_PROGRESS", None);
        match resources::delete(&self.at(id), kind, made, &old.properties).await {
            Ok(()) => show("DELETE_COMPLETE", None),
            Err(refused) => show("DELETE_FAILED", Some(self.failure(id, refused).reason)),
        }
    }

    /// Takes back what was done, the last first. Answers what could not be.
    async fn roll_back(&self, done: Vec<Done>) -> Vec<String> {
        let mut failed = Vec::new();
        for step in done.into_iter().rev() {
            match step {
                Done::Created(id) => {
                    self.delete_one(&id).await;
                    self.change(|stack| stack.resources.shift_remove(&id));
                }
                Done::Updated(id, old) => {
                    if !self.restore(&id, old).await {
                        failed.push(id);
                    }
                }
                Done::Replaced(id, old) => {
                    if let Some(current) = self.resource(&id)
                        && let Some(made) = &current.made
                    {
                        self.delete_old(&id, &current, made).await;
                    }
                    self.change(|stack| stack.resources.insert(id.clone(), old));
                    self.set_resource(&id, "UPDATE_COMPLETE", None);
                }
            }
        }
        failed
    }

    async fn restore(&self, id: &str, old: Resource) -> bool {
        let Some(current) = self.resource(id) else { return true };
        self.set_resource(id, "UPDATE_IN_PROGRESS", None);
        let restored = match (&old.made, kind_of(&old.kind)) {
            (Some(made), Ok(kind)) if current.properties != old.properties => {
                resources::update(&self.at(id), kind, made, &current.properties, &old.properties).await.map(Some)
            }
            _ => Ok(old.made.clone()),
        };
        match restored {
            Ok(made) => {
                self.change(|stack| stack.resources.insert(id.to_owned(), Resource { made, ..old }));
                self.set_resource(id, "UPDATE_COMPLETE", None);
                true
            }
            Err(refused) => {
                let reason = self.failure(id, refused).reason;
                self.set_resource(id, "UPDATE_FAILED", Some(reason));
                false
            }
        }
    }
}
