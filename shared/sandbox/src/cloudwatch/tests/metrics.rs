use serde_json::json;

use super::{Bench, NOON, query};
use crate::cloud::Service;

#[tokio::test(start_paused = true)]
async fn values_are_aggregated_by_period() {
    let bench = Bench::new();
    for (at, value) in [(0, 1.0), (59, 3.0), (60, 5.0), (600, 7.0)] {
        bench.put(json!({"MetricName": "total", "Value": value, "Timestamp": NOON + at})).await;
    }
    let table = [
        ("Sum", 60, json!([4.0, 5.0, 7.0])),
        ("Sum", 3_600, json!([16.0])),
        ("Average", 60, json!([2.0, 5.0, 7.0])),
        ("Minimum", 300, json!([1.0, 7.0])),
        ("Maximum", 300, json!([5.0, 7.0])),
        ("SampleCount", 3_600, json!([4.0])),
    ];
    for (stat, period, expected) in table {
        assert_eq!(bench.values("total", stat, period).await, expected, "{stat} by {period}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_metric_of_high_resolution_has_its_seconds() {
    let bench = Bench::new();
    for at in [0, 1, 12] {
        bench.put(json!({"MetricName": "fine", "Value": 1, "Timestamp": NOON + at, "StorageResolution": 1})).await;
        bench.put(json!({"MetricName": "coarse", "Value": 1, "Timestamp": NOON + at})).await;
    }
    assert_eq!(bench.values("fine", "Sum", 10).await, json!([2.0, 1.0]));
    assert_eq!(bench.values("coarse", "Sum", 10).await, json!([3.0]));
}

/// A divergence: AWS estimates percentiles from a histogram; here they are values that were put.
#[tokio::test(start_paused = true)]
async fn a_percentile_is_one_of_the_values() {
    let bench = Bench::new();
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    bench.put(json!({"MetricName": "time", "Values": values, "Unit": "Milliseconds"})).await;
    assert_eq!(bench.values("time", "p50", 60).await, json!([50.0]));
    assert_eq!(bench.values("time", "p99.9", 60).await, json!([100.0]));
    let set = json!({"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2});
    bench.put(json!({"MetricName": "set", "StatisticValues": set})).await;
    assert_eq!(bench.values("set", "p50", 60).await, json!([]), "what a set was made of is not known");
    assert_eq!(bench.values("set", "Average", 60).await, json!([1.5]));
}

#[tokio::test(start_paused = true)]
async fn points_come_in_pages() {
    let bench = Bench::new();
    for minute in 0..5 {
        bench.put(json!({"MetricName": "n", "Value": minute, "Timestamp": NOON + minute * 60})).await;
    }
    let mut request = query(&json!({"Namespace": "shop", "MetricName": "n"}), "Sum", 60);
    request["MaxDatapoints"] = 3.into();
    let first = bench.call("GetMetricData", request.clone()).await.unwrap();
    assert_eq!(first["MetricDataResults"][0]["StatusCode"], "PartialData");
    request["NextToken"] = first["NextToken"].clone();
    let second = bench.call("GetMetricData", request).await.unwrap();
    assert_eq!(second["MetricDataResults"][0]["Values"], json!([3.0, 4.0]));
    assert_eq!(second["MetricDataResults"][0]["StatusCode"], "Complete");
    assert_eq!(second.get("NextToken"), None);
}

#[tokio::test(start_paused = true)]
async fn without_a_unit_the_first_of_several_is_taken() {
    let bench = Bench::new();
    bench.put(json!({"MetricName": "n", "Value": 1, "Unit": "Seconds"})).await;
    bench.put(json!({"MetricName": "n", "Value": 2, "Unit": "Milliseconds"})).await;
    let request = query(&json!({"Namespace": "shop", "MetricName": "n"}), "Sum", 60);
    let result = bench.call("GetMetricData", request).await.unwrap()["MetricDataResults"][0].clone();
    assert_eq!(result["Values"], json!([2.0]));
    assert_eq!(result["Messages"][0]["Value"], "Multiple units returned: '[Milliseconds, Seconds]'");
    let request = json!({
        "Namespace": "shop", "MetricName": "n", "StartTime": NOON, "EndTime": NOON + 60, "Period": 60, "Statistics": ["Sum"],
        "ExtendedStatistics": ["p90"],
    });
    let points = bench.call("GetMetricStatistics", request).await.unwrap()["Datapoints"].clone();
    assert_eq!(
        points[1],
        json!({"Timestamp": NOON as f64, "Sum": 1.0, "Unit": "Seconds", "ExtendedStatistics": {"p90": 1.0}})
    );
}

#[tokio::test(start_paused = true)]
async fn metrics_are_listed_by_what_they_have() {
    let bench = Bench::new();
    for stage in ["test", "live"] {
        bench.put(json!({"MetricName": "n", "Value": 1, "Dimensions": [{"Name": "stage", "Value": stage}]})).await;
    }
    bench.put(json!({"MetricName": "other", "Value": 1})).await;
    let listed = |input| async { bench.call("ListMetrics", input).await.unwrap()["Metrics"].as_array().unwrap().len() };
    assert_eq!(listed(json!({"Namespace": "shop"})).await, 3);
    assert_eq!(listed(json!({"Dimensions": [{"Name": "stage"}]})).await, 2);
    assert_eq!(listed(json!({"MetricName": "n", "Dimensions": [{"Name": "stage", "Value": "live"}]})).await, 1);
    tokio::time::advance(std::time::Duration::from_secs(4 * 3_600)).await;
    assert_eq!(listed(json!({"RecentlyActive": "PT3H"})).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_refused() {
    let bench = Bench::new();
    let put = |datum| json!({"Namespace": "shop", "MetricData": [datum]});
    let refused = bench.refused("PutMetricData", put(json!({"MetricName": "n", "Value": 1, "Values": [1]}))).await;
    let text = "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have \
                specified both.";
    assert_eq!(refused, ("InvalidParameterCombinationException".into(), text.into()));
    let refused =
        bench.refused("PutMetricData", put(json!({"MetricName": "n", "Values": [1], "Counts": [1, 2]}))).await;
    assert!(refused.1.ends_with("must be of the same size."), "{}", refused.1);
    let old = json!({"MetricName": "n", "Value": 1, "Timestamp": NOON - 15 * 86_400});
    assert_eq!(bench.refused("PutMetricData", put(old)).await.0, "InvalidParameterValueException");
    let request = json!({"Namespace": "shop", "MetricName": "n", "StartTime": NOON - 86_400, "EndTime": NOON, "Period": 1, "Statistics": ["Sum"]});
    let refused = bench.refused("GetMetricStatistics", request).await;
    assert!(refused.1.starts_with("You have requested up to 86400 datapoints"), "{}", refused.1);
}

/// Divergences: what is not here is named.
#[tokio::test(start_paused = true)]
async fn alarms_and_expressions_are_refused_by_name() {
    let bench = Bench::new();
    for operation in ["DescribeAlarms", "PutMetricAlarm", "GetDashboard"] {
        let refused = bench.refused(operation, json!({})).await;
        assert_eq!(refused.0, "UnknownOperationException");
        assert!(refused.1.contains(operation), "{}", refused.1);
    }
    for expression in ["SEARCH('{shop} n', 'Sum')", "m1 + m2", "SELECT SUM(n) FROM shop"] {
        let queries = json!([{"Id": "e", "Expression": expression}]);
        let request = json!({"MetricDataQueries": queries, "StartTime": NOON, "EndTime": NOON + 60});
        let refused = bench.refused("GetMetricData", request).await;
        assert!(refused.1.contains(expression), "{}", refused.1);
    }
}

/// A divergence: in an account a queue's messages are counted in `AWS/SQS`.
#[tokio::test(start_paused = true)]
async fn aws_s_own_metrics_are_not_made() {
    let bench = Bench::new();
    bench.cloud.call(Service::Sqs, "CreateQueue", json!({"QueueName": "q"})).await.unwrap();
    let url = format!("{}/{}/q", bench.cloud.endpoint(), bench.cloud.account());
    bench.cloud.call(Service::Sqs, "SendMessage", json!({"QueueUrl": url, "MessageBody": "m"})).await.unwrap();
    assert_eq!(bench.call("ListMetrics", json!({})).await.unwrap(), json!({"Metrics": []}));
}
