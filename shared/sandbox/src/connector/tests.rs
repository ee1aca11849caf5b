use aws_sdk_sqs::Client;
use aws_smithy_runtime_api::client::http::HttpConnector as _;

use super::*;
use crate::testing::cloud;

fn request(uri: &str) -> HttpRequest {
    let mut request = HttpRequest::empty();
    request.set_uri(uri.to_owned()).unwrap();
    request
}

#[tokio::test(start_paused = true)]
async fn another_hosts_requests_go_to_its_handler() {
    let handler: HostHandler = Arc::new(|request| {
        Box::pin(async move {
            let mut response = Response::new(Bytes::from(request.uri().path().to_owned()));
            *response.status_mut() = http::StatusCode::PAYMENT_REQUIRED;
            response
        })
    });
    let client = InProcess::new(&cloud()).host("payments.invalid", handler);
    let response = client.call(request("https://payments.invalid:8443/charges")).await.unwrap();
    assert_eq!(response.status().as_u16(), 402);
    assert_eq!(response.body().bytes(), Some("/charges".as_bytes()));
}

/// What carries a request is moved and copied with it, several times on its way.
#[tokio::test(start_paused = true)]
async fn what_answers_a_request_is_small() {
    let cloud = cloud();
    let size = size_of_val(&cloud.handle(Request::new(Bytes::new())));
    assert!(size < 6_000, "{size} bytes");
    let size = size_of_val(&cloud.call(crate::Service::Lambda, "Invoke", serde_json::Value::Null));
    assert!(size < 500, "{size} bytes");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_nobody_named_cannot_be_reached() {
    let error = InProcess::new(&cloud()).call(request("https://elsewhere.invalid/")).await.unwrap_err();
    assert!(error.is_io(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_read_timeout_ends_the_wait_for_an_answer() {
    let handler: HostHandler = Arc::new(|_| Box::pin(futures::future::pending()));
    let client = InProcess::new(&cloud()).host("slow.invalid", handler);
    let client = InProcess { read_timeout: Some(Duration::from_secs(3)), ..client };
    let start = tokio::time::Instant::now();
    let error = client.call(request("http://slow.invalid/")).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn awss_own_hosts_are_the_cloud() {
    let cloud = cloud();
    let mut config = sdk_config(&cloud, in_process(&cloud)).into_builder();
    config.set_endpoint_url(None);
    let queue = Client::new(&config.build()).create_queue().queue_name("q").send().await.unwrap();
    assert_eq!(queue.queue_url(), Some("http://cloud.invalid/000000000000/q"));
}
