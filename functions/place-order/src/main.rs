//! Starts `place-order`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(place_order::function()).await
}
