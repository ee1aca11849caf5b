//! Over TCP, on real time.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::*;
use crate::connector;
use crate::testing::cloud;

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn client(cloud: &Cloud) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    Client::new(&connector::sdk_config(cloud, http))
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_hundred_clients_are_answered_at_once_and_a_shutdown_does_not_wait_for_long_polls() {
    let cloud = cloud();
    let gateway = Gateway::bind(&cloud, any_port()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(gateway.serve(async { drop(stopped.await) }));
    let url = client(&cloud).create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");

    let clients = (0..100).map(|n| {
        let (client, url) = (client(&cloud), url.clone());
        tokio::spawn(async move {
            let receive = client.receive_message().queue_url(&url).wait_time_seconds(10).send();
            let send = client.send_message().queue_url(&url).message_body(n.to_string()).send();
            let (received, sent) = tokio::join!(receive, send);
            sent.unwrap();
            received.unwrap().messages.unwrap().remove(0).body.unwrap()
        })
    });
    let mut bodies: Vec<u32> = Vec::new();
    for body in futures::future::join_all(clients).await {
        bodies.push(body.unwrap().parse().unwrap());
    }
    bodies.sort_unstable();
    assert_eq!(bodies, (0..100).collect::<Vec<_>>());

    let waiting = client(&cloud);
    let poll = tokio::spawn(async move { waiting.receive_message().queue_url(url).wait_time_seconds(20).send().await });
    while !cloud.sqs().is_awaited("q") {
        tokio::task::yield_now().await;
    }
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
    assert!(poll.await.unwrap().is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_error_of_its_own() {
    let first = Gateway::bind(&cloud(), any_port()).await.unwrap();
    let error = Gateway::bind(&cloud(), first.address()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Taken(address) if address == first.address()), "{error}");
}

#[tokio::test]
async fn health_and_further_routes_are_answered_beside_aws() {
    let routes: Routes = Arc::new(|request| {
        let hit = request.uri().path() == "/viewer";
        hit.then(|| -> BoxFuture<'static, _> { Box::pin(async { Response::new(full("the viewer")) }) })
    });
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap().routes(routes);
    let address = gateway.address();
    let requests = async {
        let health = get(address, HEALTH).await;
        assert!(health.ends_with(r#"{"status":"up","account":"000000000000","region":"us-east-1"}"#), "{health}");
        assert!(get(address, "/viewer").await.ends_with("the viewer"));
        let other = get(address, "/elsewhere").await;
        assert!(other.starts_with("HTTP/1.1 404") && other.contains("UnknownOperationException"), "{other}");
    };
    gateway.serve(requests).await;
}
