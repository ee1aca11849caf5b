//! One question in the three protocols that CloudWatch answers.

use std::io::Write;

use bytes::Bytes;
use flate2::write::GzEncoder;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{Bench, NOON, query};
use crate::cloudwatch::cbor;

async fn rpc(bench: &Bench, operation: &str, input: &Value) -> Response<Bytes> {
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let request =
        Request::post(path).header("smithy-protocol", "rpc-v2-cbor").header("content-type", "application/cbor");
    bench.cloud.handle(request.body(cbor::write(input).into()).unwrap()).await
}

async fn form(bench: &Bench, body: impl Into<Bytes>, encoding: &str) -> (u16, String) {
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let request = request.header("content-encoding", encoding).body(body.into()).unwrap();
    let response = bench.cloud.handle(request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn cbor() {
    let bench = Bench::new();
    let datum = json!({"MetricName": "n", "Value": 2.5, "Timestamp": NOON});
    let put = rpc(&bench, "PutMetricData", &json!({"Namespace": "shop", "MetricData": [datum]})).await;
    assert_eq!((put.status().as_u16(), &put.headers()["smithy-protocol"]), (200, &"rpc-v2-cbor".parse().unwrap()));
    let got = rpc(&bench, "GetMetricData", &query(&json!({"Namespace": "shop", "MetricName": "n"}), "Sum", 60)).await;
    let answer = cbor::read(got.body()).unwrap();
    assert_eq!(answer["MetricDataResults"][0]["Values"], json!([2.5]));
    assert_eq!(answer["MetricDataResults"][0]["Timestamps"], json!([NOON as f64]));
    let refused = rpc(&bench, "PutMetricData", &json!({"Namespace": "AWS/Lambda", "MetricData": [datum]})).await;
    assert_eq!(refused.status().as_u16(), 400);
    assert_eq!(refused.headers()["x-amzn-query-error"], "InvalidParameterValue;Sender");
    let error = cbor::read(refused.body()).unwrap();
    assert_eq!(error["__type"], "com.amazonaws.cloudwatch.v2010_08_01#InvalidParameterValueException");
}

#[tokio::test(start_paused = true)]
async fn forms() {
    let bench = Bench::new();
    let put = "Action=PutMetricData&Version=2010-08-01&Namespace=shop&MetricData.member.1.MetricName=n\
               &MetricData.member.1.Values.member.1=1&MetricData.member.1.Values.member.2=2.5\
               &MetricData.member.1.Dimensions.member.1.Name=stage&MetricData.member.1.Dimensions.member.1.Value=test\
               &MetricData.member.1.Timestamp=2026-11-24T12%3A00%3A00Z";
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(put.as_bytes()).unwrap();
    assert_eq!(form(&bench, gzip.finish().unwrap(), "gzip").await.0, 200, "SDKs compress large requests");
    let get = "Action=GetMetricStatistics&Version=2010-08-01&Namespace=shop&MetricName=n&Period=60&Statistics.member.1=Sum\
               &Dimensions.member.1.Name=stage&Dimensions.member.1.Value=test&StartTime=2026-11-24T12%3A00%3A00Z\
               &EndTime=2026-11-24T12%3A05%3A00Z";
    let (status, body) = form(&bench, get, "identity").await;
    assert_eq!(status, 200, "{body}");
    let point = "<member><Timestamp>2026-11-24T12:00:00Z</Timestamp><Sum>3.5</Sum><Unit>None</Unit></member>";
    assert!(body.contains(point), "{body}");
    let (status, body) = form(&bench, "Action=PutMetricData&Version=2010-08-01&Namespace=shop", "identity").await;
    assert_eq!(status, 400);
    assert!(
        body.contains("<Code>MissingParameter</Code><Message>The parameter MetricData is required.</Message>"),
        "{body}"
    );
}

#[tokio::test(start_paused = true)]
async fn json_documents() {
    let bench = Bench::new();
    let input = json!({"Namespace": "shop", "MetricData": [{"MetricName": "n", "Value": 1}]});
    let request = |operation: &str, body: String| {
        let request = Request::post("/").header("x-amz-target", format!("GraniteServiceVersion20100801.{operation}"));
        request.header("content-type", "application/x-amz-json-1.0").body(Bytes::from(body)).unwrap()
    };
    assert_eq!(bench.cloud.handle(request("PutMetricData", input.to_string())).await.status(), 200);
    let listed = bench.cloud.handle(request("ListMetrics", "{}".into())).await;
    let listed: Value = serde_json::from_slice(listed.body()).unwrap();
    assert_eq!(listed["Metrics"], json!([{"Namespace": "shop", "MetricName": "n", "Dimensions": []}]));
    let refused = bench.cloud.handle(request("GetMetricStatistics", "{}".into())).await;
    assert_eq!(refused.headers()["x-amzn-query-error"], "MissingParameter;Sender");
}
