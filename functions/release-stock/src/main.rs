//! Starts `release-stock`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(release_stock::function()).await
}
