use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use throughline_envelope::Ambient;

use crate::{Clients, Settings};

/// Notes where requests go, and lets none through.
#[derive(Debug, Clone, Default)]
struct Addresses(Arc<Mutex<Vec<HttpRequest>>>);

impl HttpConnector for Addresses {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap().push(request);
        HttpConnectorFuture::ready(Err(ConnectorError::io("no further".into())))
    }
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let needed =
        [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    Settings::from_map(needed.iter().chain(more).map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

fn ambient() -> Ambient {
    Ambient::seeded("2026-11-24T12:00:00Z".parse().unwrap(), 1)
}

/// The requests of one call of each client.
async fn requests(settings: &Settings) -> Vec<HttpRequest> {
    requests_of(|http| Clients::new(settings, http, &ambient()).unwrap()).await
}

async fn requests_of(clients: impl FnOnce(&SharedHttpConnector) -> Clients) -> Vec<HttpRequest> {
    let addresses = Addresses::default();
    let clients = clients(&SharedHttpConnector::new(addresses.clone()));
    clients.dynamodb().list_tables().send().await.unwrap_err();
    clients.sqs().list_queues().send().await.unwrap_err();
    clients.events().list_event_buses().send().await.unwrap_err();
    clients.sfn().list_state_machines().send().await.unwrap_err();
    std::mem::take(&mut *addresses.0.lock().unwrap())
}

async fn addresses(more: &[(&str, &str)]) -> Vec<String> {
    requests(&settings(more)).await.iter().map(|request| request.uri().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn requests_go_to_aws_or_to_the_endpoints_that_are_set() {
    assert_eq!(
        addresses(&[]).await,
        [
            "https://dynamodb.eu-central-1.amazonaws.com/",
            "https://sqs.eu-central-1.amazonaws.com/",
            "https://events.eu-central-1.amazonaws.com/",
            "https://states.eu-central-1.amazonaws.com/",
        ]
    );
    let local = ("AWS_ENDPOINT_URL", "http://localhost:4566");
    assert_eq!(addresses(&[local]).await, ["http://localhost:4566/"; 4]);
    let queues = addresses(&[local, ("AWS_ENDPOINT_URL_SQS", "http://queues.example")]).await;
    assert_eq!(queues[0..2], ["http://localhost:4566/", "http://queues.example/"]);
}

/// One request for one call: a repetition is ours to decide. The signature has the injected time.
#[tokio::test(start_paused = true)]
async fn requests_are_signed_at_our_time_and_never_repeated() {
    let requests = requests(&settings(&[("AWS_SESSION_TOKEN", "session")])).await;
    assert_eq!(requests.len(), 4);
    for request in &requests {
        let authorization = request.headers().get("authorization").unwrap();
        assert!(authorization.contains("Credential=AKIATEST/20261124/eu-central-1/"), "{authorization}");
        assert_eq!(request.headers().get("x-amz-date"), Some("20261124T120000Z"));
        assert_eq!(request.headers().get("x-amz-security-token"), Some("session"));
    }
}

#[tokio::test(start_paused = true)]
async fn unsigned_clients_need_no_credentials_and_sign_nothing() {
    let settings = Settings::from_map([("AWS_REGION".into(), "eu-central-1".into())].into());
    let requests = requests_of(|http| Clients::unsigned(&settings, http, &ambient()).unwrap()).await;
    let addresses: Vec<_> = requests.iter().map(HttpRequest::uri).collect();
    assert_eq!(addresses[0], "https://dynamodb.eu-central-1.amazonaws.com/");
    assert_eq!(addresses.len(), 4);
    assert!(requests.iter().all(|request| request.headers().get("authorization").is_none()));
}

#[test]
fn what_is_missing_is_named() {
    let error = Clients::new(&Settings::default(), &SharedHttpConnector::new(Addresses::default()), &ambient());
    assert_eq!(error.unwrap_err().to_string(), "the environment variable AWS_ACCESS_KEY_ID is not set");
}
