//! Starts `cancel-shipment`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(cancel_shipment::function()).await
}
