//! The gateway as an HTTP server.

use std::convert::Infallible;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::gateway::PaymentGateway;

/// Answers on a port until it is dropped; with it end the requests that wait for their answer.
pub async fn serve(gateway: PaymentGateway, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let gateway = gateway.clone();
        connections.spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let gateway = gateway.clone();
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
                    let response = gateway.answer(Request::from_parts(parts, body)).await;
                    Ok::<_, Infallible>(response.map(Full::new))
                }
            });
            // A client that goes away in the middle is its own affair.
            let _ =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, account_at};

    #[tokio::test]
    async fn the_books_are_read_over_http() {
        let gateway = PaymentGateway::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = serve(gateway.clone(), listener);
        let asked = async {
            assert_eq!(account_at(&url, "ord_1").await.unwrap(), Account::default());
            let body = r#"{ "order_id": "ord_1", "amount_cents": 2500, "currency": "EUR", "card": "tok_ok" }"#;
            let charge = Request::post("/charges").header("idempotency-key", "k").body(body.into()).unwrap();
            gateway.answer(charge).await;
            let account = account_at(&url, "ord_1").await.unwrap();
            assert_eq!((account.asked, account.charges.len()), (1, 1));
            assert_eq!(account, gateway.account_of("ord_1"));
        };
        tokio::select! {
            () = served => unreachable!(),
            () = asked => {}
        }
        assert!(account_at("http://127.0.0.1:1", "ord_1").await.is_err());
    }
}
