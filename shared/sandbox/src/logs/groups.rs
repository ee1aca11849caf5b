//! Log groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::input::{Input, invalid};
use super::streams::Stream;
use super::subscriptions::Filter;
use super::tags;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

const DAY: i64 = 86_400_000;

/// [PutRetentionPolicy](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)
const DAYS: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

#[derive(Default)]
pub(super) struct Group {
    pub(super) created_at: i64,
    pub(super) retention_days: Option<i64>,
    class: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) streams: BTreeMap<String, Stream>,
    /// Shared with whoever writes a line.
    pub(super) filters: Vec<Arc<Filter>>,
}

impl Group {
    pub(super) fn new(now: i64) -> Self {
        Self { created_at: now, ..Self::default() }
    }

    /// Drops the events that are older than the retention.
    pub(super) fn expire(&mut self, now: i64) {
        if let Some(days) = self.retention_days {
            for stream in self.streams.values_mut() {
                stream.drop_before(now - days * DAY);
            }
        }
    }

    fn class(&self) -> &str {
        self.class.as_deref().unwrap_or("STANDARD")
    }

    /// The stream of the request.
    pub(super) fn stream(&mut self, name: &str) -> Result<&mut Stream, ServiceError> {
        let missing = || ServiceError::new("ResourceNotFoundException", "The specified log stream does not exist.");
        self.streams.get_mut(name).ok_or_else(missing)
    }
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("logGroupName")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
    if !(1..=512).contains(&name.len()) || !name.chars().all(allowed) {
        return Err(invalid(format!("{name:?} is not a name for a log group: 1 to 512 of letters, digits and .-_/#")));
    }
    let mut state = cloud.logs().state();
    if state.groups.contains_key(name) {
        return Err(ServiceError::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    let mut group = Group::new(cloud.clock().now_millis());
    group.tags = tags::given(input.map("tags"));
    group.class = input.optional_text("logGroupClass").map(str::to_owned);
    state.groups.insert(name.to_owned(), group);
    Ok(json!({}))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("logGroupName")?;
    let mut state = cloud.logs().state();
    state.group(name)?;
    state.groups.remove(name);
    Ok(json!({}))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let limit = input.limit(50)?;
    let prefix = input.optional_text("logGroupNamePrefix").unwrap_or_default();
    let part = input.optional_text("logGroupNamePattern").unwrap_or_default().to_lowercase();
    let after = input.optional_text("nextToken");
    if !prefix.is_empty() && !part.is_empty() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(invalid(message));
    }
    let state = cloud.logs().state();
    let mut found = state.groups.iter().filter(|(name, _)| {
        name.starts_with(prefix)
            && name.to_lowercase().contains(&part)
            && after.is_none_or(|after| name.as_str() > after)
    });
    let page: Vec<_> = found.by_ref().take(limit).collect();
    let mut answer =
        json!({ "logGroups": page.iter().map(|(name, group)| show(cloud, name, group)).collect::<Vec<_>>() });
    if let Some((last, _)) = page.last().filter(|_| found.next().is_some()) {
        set_member(&mut answer, "nextToken", last.as_str());
    }
    Ok(answer)
}

/// The short form, whose pattern is a regular expression of a name's characters, `^` and `|`
/// ([ListLogGroups](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html)).
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let limit = input.limit(1000)?;
    let pattern = input.optional_text("logGroupNamePattern").unwrap_or_default();
    let class = input.optional_text("logGroupClass");
    let after = input.optional_text("nextToken");
    let state = cloud.logs().state();
    let mut found = state.groups.iter().filter(|(name, group)| {
        let matches = |part: &str| match part.strip_prefix('^') {
            Some(start) => name.starts_with(start),
            None => name.contains(part),
        };
        pattern.split('|').any(matches)
            && class.is_none_or(|class| class == group.class())
            && after.is_none_or(|after| name.as_str() > after)
    });
    let page: Vec<_> = found.by_ref().take(limit).collect();
    let shown = page.iter().map(|(name, group)| {
        let arn = cloud.arn("logs", &format!("log-group:{name}"));
        json!({ "logGroupName": name, "logGroupArn": arn, "logGroupClass": group.class() })
    });
    let mut answer = json!({ "logGroups": shown.collect::<Vec<_>>() });
    if let Some((last, _)) = page.last().filter(|_| found.next().is_some()) {
        set_member(&mut answer, "nextToken", last.as_str());
    }
    Ok(answer)
}

fn show(cloud: &Cloud, name: &str, group: &Group) -> Value {
    let arn = cloud.arn("logs", &format!("log-group:{name}"));
    let mut shown = json!({
        "logGroupName": name,
        "creationTime": group.created_at,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.streams.values().map(Stream::bytes).sum::<usize>(),
        "logGroupClass": group.class(),
    });
    if let Some(days) = group.retention_days {
        set_member(&mut shown, "retentionInDays", days);
    }
    shown
}

pub(super) fn retain(cloud: &Cloud, input: Input<'_>) -> Answer {
    let days = input.number("retentionInDays").filter(|days| DAYS.contains(days));
    let days = days.ok_or_else(|| invalid(format!("retentionInDays must be one of {DAYS:?}")))?;
    cloud.logs().state().group(input.text("logGroupName")?)?.retention_days = Some(days);
    Ok(json!({}))
}

pub(super) fn retain_forever(cloud: &Cloud, input: Input<'_>) -> Answer {
    cloud.logs().state().group(input.text("logGroupName")?)?.retention_days = None;
    Ok(json!({}))
}
