//! Starts `record-changes`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(record_changes::function()).await
}
