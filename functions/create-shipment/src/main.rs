//! Starts `create-shipment`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(create_shipment::function()).await
}
