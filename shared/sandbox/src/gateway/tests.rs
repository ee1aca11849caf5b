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

/// Sends these bytes on one connection, and reads what comes until the gateway closes it.
async fn talk(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn list_queues(more: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSQS.ListQueues\r\ncontent-length: 2\r\n{more}\r\n{{}}")
}

/// SDKs put `sync-` before the host of `StartSyncExecution`: whoever makes that name known to the machine is answered.
#[tokio::test]
async fn a_host_with_a_prefix_is_answered() {
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap();
    let address = gateway.address();
    let requests = async {
        let target = "x-amz-target: AWSStepFunctions.StartSyncExecution";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: sync-localhost:4566\r\n{target}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        let answer = talk(address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("stateMachineArn"), "{answer}");
    };
    gateway.serve(requests).await;
}

fn reset() -> String {
    format!("POST {RESET} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn requests_that_come_before_their_turn_are_answered_in_order() {
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap();
    let address = gateway.address();
    let requests = async {
        let health = format!("GET {HEALTH} HTTP/1.1\r\nhost: x\r\n\r\n");
        let last = list_queues("connection: close\r\n");
        let answer = talk(address, &format!("{}{health}{last}", list_queues(""))).await;
        let answers: Vec<&str> = answer.split("HTTP/1.1 200 OK").skip(1).collect();
        assert_eq!(answers.len(), 3, "{answer}");
        let of_queues = |answer: &str| answer.contains("x-amz-json-1.0") && answer.contains("\r\n\r\n{}");
        assert!(of_queues(answers[0]) && answers[1].contains("status") && of_queues(answers[2]), "{answer}");
    };
    gateway.serve(requests).await;
}

#[tokio::test]
async fn a_client_that_expects_to_be_asked_is_asked() {
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap();
    let address = gateway.address();
    let requests = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = list_queues("expect: 100-continue\r\nconnection: close\r\n");
        let (head, body) = request.split_at(request.len() - 2);
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut asked = [0; 25];
        stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{}"), "{answer}");
    };
    gateway.serve(requests).await;
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_before_it_is_sent() {
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap();
    let address = gateway.address();
    let requests = async {
        let length = LARGEST + 1;
        let head = format!("POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n");
        let answer = talk(address, &head).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("RequestEntityTooLargeException"), "{answer}");
    };
    gateway.serve(requests).await;
}

#[tokio::test]
async fn a_reset_empties_the_account_and_fills_it_again() {
    let cloud = cloud();
    let filled = cloud.clone();
    let refill: Refill = Arc::new(move || {
        let queue = client(&filled).create_queue().queue_name("again");
        Box::pin(async move { queue.send().await.map(drop).map_err(|error| error.to_string()) })
    });
    let gateway = Gateway::bind(&cloud, any_port()).await.unwrap().refill(refill);
    let address = gateway.address();
    let requests = async {
        client(&cloud).create_queue().queue_name("before").send().await.unwrap();
        let refused = get(address, RESET).await;
        assert!(refused.starts_with("HTTP/1.1 405"), "{refused}");
        let answer = talk(address, &reset()).await;
        assert!(answer.ends_with(r#"{"status":"reset"}"#), "{answer}");
        let queues = client(&cloud).list_queues().send().await.unwrap().queue_urls.unwrap();
        assert_eq!(queues, [format!("http://{address}/000000000000/again")]);
    };
    gateway.serve(requests).await;
}

#[tokio::test]
async fn a_refill_that_fails_is_told() {
    let refill: Refill = Arc::new(|| Box::pin(async { Err("no template".to_owned()) }));
    let gateway = Gateway::bind(&cloud(), any_port()).await.unwrap().refill(refill);
    let address = gateway.address();
    let requests = async {
        let answer = talk(address, &reset()).await;
        assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("no template"), "{answer}");
    };
    gateway.serve(requests).await;
}
