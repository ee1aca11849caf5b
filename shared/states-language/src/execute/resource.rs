//! What a task calls.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html#task-types>

use crate::machine::JobPattern;

/// A task's resource, from its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    arn: String,
    kind: ResourceKind,
}

/// What a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceKind {
    /// A Lambda function by its own ARN.
    Lambda,
    /// An activity.
    Activity,
    /// An operation of a service: `arn:aws:states:::sqs:sendMessage`.
    Integration {
        /// `sqs`; `aws-sdk:sqs`.
        service: String,
        /// `sendMessage`, without the suffix of the pattern.
        operation: String,
        /// How its end is learned.
        pattern: JobPattern,
    },
}

impl Resource {
    pub(crate) fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, service, region, account, rest] = parts.as_slice() else { return None };
        if !arn.starts_with("arn:") || !partition.starts_with("aws") {
            return None;
        }
        let kind = match (*service, region.is_empty() && account.is_empty()) {
            ("lambda", false) if rest.starts_with("function:") => ResourceKind::Lambda,
            ("states", false) if rest.starts_with("activity:") => ResourceKind::Activity,
            ("states", true) => integration(rest)?,
            _ => return None,
        };
        Some(Self { arn: arn.to_owned(), kind })
    }

    /// Stands for a resource that is missing; the definition is refused anyway.
    pub(crate) fn missing() -> Self {
        Self { arn: String::new(), kind: ResourceKind::Activity }
    }

    /// The ARN, as the definition has it.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// What it is.
    pub fn kind(&self) -> &ResourceKind {
        &self.kind
    }

    /// What a cause calls it: the service, or the whole ARN.
    pub(super) fn short_name(&self) -> &str {
        match &self.kind {
            ResourceKind::Integration { service, .. } => service,
            ResourceKind::Lambda | ResourceKind::Activity => &self.arn,
        }
    }

    /// `resourceType` and `resource` of a task's history events: `lambda`, `invoke.waitForTaskToken`.
    pub(super) fn event_names(&self) -> (&str, &str) {
        let path = self.arn.splitn(6, ':').nth(5).unwrap_or_default();
        match &self.kind {
            ResourceKind::Integration { service, .. } => (service, path.get(service.len() + 1..).unwrap_or_default()),
            ResourceKind::Lambda | ResourceKind::Activity => ("", &self.arn),
        }
    }
}

fn integration(path: &str) -> Option<ResourceKind> {
    let suffixes = [
        (".sync:2", JobPattern::Sync2),
        (".sync", JobPattern::Sync),
        (".waitForTaskToken", JobPattern::WaitForTaskToken),
    ];
    let found = suffixes.into_iter().find_map(|(suffix, pattern)| Some((path.strip_suffix(suffix)?, pattern)));
    let (name, pattern) = found.unwrap_or((path, JobPattern::RequestResponse));
    let (service, operation) = name.rsplit_once(':')?;
    if service.is_empty() || operation.is_empty() {
        return None;
    }
    Some(ResourceKind::Integration { service: service.to_owned(), operation: operation.to_owned(), pattern })
}
