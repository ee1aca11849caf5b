//! Starts `record-failure`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(record_failure::function()).await
}
