//! CloudWatch metrics: what is put, and what functions write to their logs in the embedded metric format.
//!
//! Values are kept in buckets of a minute (of a second where the metric asks for it), as CloudWatch aggregates them. Requests
//! come in three protocols: CBOR (Smithy RPC v2), JSON and the query protocol. Alarms are not here.

mod cbor;
mod emf;
mod errors;
mod input;
mod list;
mod metric;
mod put;
mod query;
pub(crate) mod rpc;
mod statistic;
mod statistics;
mod stats;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

pub(crate) use emf::extract;
pub(crate) use errors::query_name;
use input::Input;
use metric::{Key, Metric};

/// A value in CBOR, as answers are written.
pub(crate) fn to_cbor(value: &Value) -> Vec<u8> {
    cbor::write(value)
}

/// State of the service.
#[derive(Default)]
pub struct CloudWatch {
    state: Mutex<BTreeMap<Key, Metric>>,
}

impl CloudWatch {
    /// Forgets every metric.
    pub(crate) fn reset(&self) {
        self.state().clear();
    }

    fn state(&self) -> MutexGuard<'_, BTreeMap<Key, Metric>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let input = Input::new(&input);
    match operation {
        "PutMetricData" => put::put(cloud, input),
        "GetMetricData" => query::get(cloud, input),
        "GetMetricStatistics" => statistics::get(cloud, input),
        "ListMetrics" => list::list(cloud, input),
        _ => Err(ServiceError::unsupported(Service::CloudWatch, operation)),
    }
}

/// An answer with its times as the query protocol writes them; elsewhere they are seconds since 1970.
pub(crate) fn with_times_as_text(mut answer: Value) -> Value {
    rewrite_times(&mut answer, false);
    answer
}

fn rewrite_times(value: &mut Value, is_time: bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                rewrite_times(member, is_time_member(name));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_times(item, is_time)),
        Value::Number(seconds) if is_time => {
            if let Some(time) = seconds.as_f64().and_then(input::timestamp) {
                *value = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
            }
        }
        _ => {}
    }
}

fn is_time_member(name: &str) -> bool {
    matches!(name, "Timestamp" | "Timestamps")
}

impl fmt::Debug for CloudWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudWatch").field("metrics", &self.state().len()).finish()
    }
}
