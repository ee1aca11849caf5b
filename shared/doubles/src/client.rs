//! The books of a gateway that runs as a server of its own.

use std::fmt;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::charges::Account;

/// Why the books could not be read.
#[derive(Debug)]
pub struct BooksError(String);

impl fmt::Display for BooksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the payment gateway's books: {}", self.0)
    }
}

impl std::error::Error for BooksError {}

/// Asks the double that [`serve`](crate::serve) runs at `url` (`http://127.0.0.1:14567`) what it knows of an order.
///
/// # Errors
/// Nothing answers there, or something that is not this double.
pub async fn account_at(url: &str, order_id: &str) -> Result<Account, BooksError> {
    let failed = |what: &str, why: &dyn fmt::Display| BooksError(format!("{what} {url}: {why}"));
    let address: Uri = url.parse().map_err(|error| failed("no address", &error))?;
    let authority = address.authority().ok_or_else(|| failed("no address", &"it has no host"))?;
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| failed("nothing answers at", &error))?;
    let opened = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| failed("nothing answers at", &error))?;
    let ask = async {
        let request = Request::get(format!("/books/{order_id}")).header("host", authority.as_str());
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| failed("no such order", &error))?;
        let answer = sender.send_request(request).await.map_err(|error| failed("no answer from", &error))?;
        if answer.status() != StatusCode::OK {
            return Err(failed("no double of the payment gateway at", &answer.status()));
        }
        let body = answer.into_body().collect().await.map_err(|error| failed("no answer from", &error))?;
        let body = serde_json::from_slice(&body.to_bytes()).map_err(|error| failed("not JSON from", &error))?;
        Account::from_json(order_id, &body).ok_or_else(|| failed("not an account from", &body))
    };
    // The connection has to be driven while it is asked; what ends it after the answer does not matter.
    tokio::select! {
        answer = ask => answer,
        Err(error) = connection => Err(failed("no answer from", &error)),
    }
}
