//! Starts `cancel-order`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(cancel_order::function()).await
}
