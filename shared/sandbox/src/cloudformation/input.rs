//! What requests say: templates, parameters, tags.

use std::collections::BTreeMap;

use serde_json::Value;

use super::errors;
use super::model::Model;
use super::parameters::Given;
use super::stack::{Settings, Stack};
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// The largest template in a request, in bytes
/// ([quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)).
const LARGEST_BODY: usize = 51_200;
/// The largest template in a bucket, in bytes.
const LARGEST_OBJECT: usize = 1_048_576;

/// A request's members.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Value);

impl<'a> Input<'a> {
    pub(super) fn optional(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn text(self, name: &str) -> Result<&'a str, ServiceError> {
        self.optional(name).ok_or_else(|| {
            let member = format!("{}{}", name.get(..1).unwrap_or_default().to_lowercase(), name.get(1..).unwrap_or_default());
            errors::invalid(format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    pub(super) fn flag(self, name: &str) -> bool {
        self.optional(name) == Some("true")
    }

    pub(super) fn list(self, name: &str) -> &'a [Value] {
        self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn texts(self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(super) fn tags(self) -> BTreeMap<String, String> {
        let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.list("Tags").iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
    }

    /// The parameters that a request gives.
    pub(super) fn given(self) -> Vec<Given> {
        let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let given = |item: &Value| Given {
            key: text(item, "ParameterKey").unwrap_or_default(),
            value: text(item, "ParameterValue"),
            previous: text(item, "UsePreviousValue").as_deref() == Some("true"),
        };
        self.list("Parameters").iter().map(given).collect()
    }

    /// The settings of a stack. Those that an update does not name stay.
    pub(super) fn settings(self, before: Option<&Stack>) -> Settings {
        let old = before.map(|stack| stack.settings.clone()).unwrap_or_default();
        let has_tags = self.0.get("Tags").is_some();
        Settings {
            capabilities: self.texts("Capabilities"),
            tags: if has_tags { self.tags() } else { old.tags },
            role: self.optional("RoleARN").map(str::to_owned).or(old.role),
            notifications: match self.0.get("NotificationARNs") {
                Some(_) => self.texts("NotificationARNs"),
                None => old.notifications,
            },
            keep_failed: self.flag("DisableRollback")
                || matches!(self.optional("OnFailure"), Some("DO_NOTHING"))
                || self.optional("OnStackFailure") == Some("DO_NOTHING"),
            timeout: self.optional("TimeoutInMinutes").and_then(|text| text.parse().ok()).or(old.timeout),
        }
    }

    /// The text of the template: in the request, in a bucket, or the one that the stack has.
    pub(super) fn template(self, cloud: &Cloud, before: Option<&Model>) -> Result<String, ServiceError> {
        if let Some(body) = self.optional("TemplateBody") {
            if body.len() > LARGEST_BODY {
                let message = format!(
                    "1 validation error detected: Value '{}...' at 'templateBody' failed to satisfy constraint: Member must \
                     have length less than or equal to {LARGEST_BODY}",
                    body.chars().take(40).collect::<String>()
                );
                return Err(errors::invalid(message));
            }
            return Ok(body.to_owned());
        }
        if let Some(url) = self.optional("TemplateURL") {
            let body = cloud.s3().object_at(url).map_err(|error| match error.code.as_str() {
                "ValidationError" => error,
                code => errors::invalid(format!("S3 error: {}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html ({code})", error.message)),
            })?;
            if body.len() > LARGEST_OBJECT {
                return Err(errors::invalid(format!("Template may not exceed {LARGEST_OBJECT} bytes in size.")));
            }
            return Ok(String::from_utf8_lossy(&body).into_owned());
        }
        if self.flag("UsePreviousTemplate")
            && let Some(before) = before
        {
            return Ok(before.text.clone());
        }
        Err(errors::invalid("Either Template URL or Template Body must be specified."))
    }
}
