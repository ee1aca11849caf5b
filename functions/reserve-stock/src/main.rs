//! Starts `reserve-stock`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(reserve_stock::function()).await
}
