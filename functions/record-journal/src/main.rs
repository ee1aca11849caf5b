//! Starts `record-journal`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(record_journal::function()).await
}
