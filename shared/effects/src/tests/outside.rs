use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use throughline_envelope::Ambient;
use throughline_telemetry::{Journal, Lines};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::bench::Bench;
use crate::{Class, Outside, Settings, World, https_connector};

/// A gateway that declines, and at `/slow` never answers.
async fn gateway(request: Request<Bytes>) -> Response<Bytes> {
    if request.uri().path() == "/slow" {
        std::future::pending::<()>().await;
    }
    let asked: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let key = request.headers().get("idempotency-key").map(|key| key.to_str().unwrap());
    let body = json!({ "method": request.method().as_str(), "asked": asked, "key": key });
    Response::builder().status(402).body(Bytes::from(body.to_string())).unwrap()
}

async fn outside() -> Outside {
    let bench =
        Bench::with(|cloud| cloud.host("gateway.example", Arc::new(|request| Box::pin(gateway(request))))).await;
    Outside::new(&bench.world)
}

#[tokio::test(start_paused = true)]
async fn any_status_is_an_answer() {
    let outside = outside().await;
    let sent = json!({ "amount": 100 });
    let reply = outside.post("http://gateway.example/charges", &[("idempotency-key", "k")], &sent).await.unwrap();
    assert_eq!(reply.status, 402);
    assert_eq!(reply.json::<Value>().unwrap(), json!({ "method": "POST", "asked": sent, "key": "k" }));
    let reply = outside.get("http://gateway.example/charges/1").await.unwrap();
    assert_eq!(reply.json::<Value>().unwrap()["method"], "GET");
    assert_eq!(reply.json::<u32>().unwrap_err().code(), "unreadable_reply");
}

#[tokio::test(start_paused = true)]
async fn no_answer_and_no_way_there_are_transient() {
    let outside = outside().await.timeout(Duration::from_secs(2));
    let failure = outside.get("http://gateway.example/slow").await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Transient { after: None }, "outside_timeout"));
    let failure = outside.get("http://nobody.example/").await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Transient { after: None }, "outside_unreachable"));
    assert!(failure.cause().contains("nobody.example"), "{failure}");
    assert_eq!(outside.get("not an address").await.unwrap_err().code(), "bad_request");
}

/// Over TCP, with the connector that functions have on Lambda.
#[tokio::test]
async fn the_connector_speaks_plain_http_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|v| (v.to_owned(), "x".to_owned()));
    let ambient = Ambient::system();
    let journal = Journal::to(Arc::new(Lines::default()), &ambient);
    let world = World::new(Settings::from_map(settings.into()), "f", https_connector(), ambient, journal).unwrap();

    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    };
    let url = format!("http://{address}/health");
    let outside = Outside::new(&world);
    let (request, reply) = futures::join!(serve, outside.get(&url));
    assert!(request.starts_with("GET /health HTTP/1.1"), "{request}");
    assert_eq!(reply.unwrap().json::<Value>().unwrap(), json!({}));
}
