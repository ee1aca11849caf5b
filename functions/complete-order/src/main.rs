//! Starts `complete-order`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(complete_order::function()).await
}
