//! Starts `charge-payment`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(charge_payment::function()).await
}
