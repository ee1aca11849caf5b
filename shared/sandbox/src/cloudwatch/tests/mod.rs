//! Through requests as SDKs send them, on virtual time.

mod format;
mod metrics;
mod protocols;

use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::testing::cloud;
use crate::wire::ServiceError;

/// Noon on 2026-11-24, when the cloud's time starts.
const NOON: i64 = 1_795_521_600;

struct Bench {
    cloud: Cloud,
}

impl Bench {
    fn new() -> Self {
        Self { cloud: cloud() }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud.call(Service::CloudWatch, operation, input).await
    }

    async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let error = self.call(operation, input).await.unwrap_err();
        (error.code, error.message)
    }

    async fn put(&self, datum: Value) {
        self.call("PutMetricData", json!({"Namespace": "shop", "MetricData": [datum]})).await.unwrap();
    }

    /// `GetMetricData` of one metric without dimensions, from noon for an hour; its first result.
    async fn values(&self, metric: &str, stat: &str, period: i64) -> Value {
        let answer =
            self.call("GetMetricData", query(&json!({"Namespace": "shop", "MetricName": metric}), stat, period)).await;
        answer.unwrap()["MetricDataResults"][0]["Values"].clone()
    }
}

fn query(metric: &Value, stat: &str, period: i64) -> Value {
    let query = json!({"Id": "m", "MetricStat": {"Metric": metric, "Stat": stat, "Period": period}});
    json!({
        "MetricDataQueries": [query],
        "StartTime": NOON,
        "EndTime": NOON + 3_600,
        "ScanBy": "TimestampAscending",
    })
}
