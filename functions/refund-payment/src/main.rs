//! Starts `refund-payment`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(refund_payment::function()).await
}
