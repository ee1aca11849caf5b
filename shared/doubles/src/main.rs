//! The payment gateway's double as a program: `payment-gateway 127.0.0.1:14567`. Runs until it is killed; its books begin empty.

use throughline_doubles::{PaymentGateway, serve};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:14567".into());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    serve(PaymentGateway::default(), listener).await;
    Ok(())
}
