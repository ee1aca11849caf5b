//! Starts `start-fulfilment`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(start_fulfilment::function()).await
}
