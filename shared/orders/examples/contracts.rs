//! Writes the registry's folder: `cargo run -p throughline-orders --example contracts -- events`.

use std::path::PathBuf;

use throughline::contracts::RegistryError;

fn main() -> Result<(), RegistryError> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("events"), PathBuf::from);
    for path in throughline_orders::registry().write(&folder)? {
        println!("{}", folder.join(path).display());
    }
    Ok(())
}
