//! Starts `project-order`.

#[tokio::main]
async fn main() -> Result<(), throughline::Error> {
    throughline::run(project_order::function()).await
}
