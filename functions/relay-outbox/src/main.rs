//! Starts `relay-outbox`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(relay_outbox::function()).await
}
