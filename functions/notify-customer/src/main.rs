//! Starts `notify-customer`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(notify_customer::function()).await
}
