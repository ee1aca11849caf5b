//! Starts `get-order`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(get_order::function()).await
}
