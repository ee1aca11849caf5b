//! An empty local cloud on a port, for every account and region: `cargo run -p throughline-sandbox --example gateway -- 4566`, then
//! `AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws sqs list-queues`. Ctrl-C ends it.

use std::net::{Ipv4Addr, SocketAddr};

use throughline_sandbox::gateway::Gateway;
use throughline_sandbox::{Clock, Cloud};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let cloud = Cloud::builder(Clock::wall()).worldwide().build();
    let gateway = Gateway::bind(&cloud, SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    println!("{}", cloud.endpoint());
    gateway.serve(async { drop(tokio::signal::ctrl_c().await) }).await;
    Ok(())
}
