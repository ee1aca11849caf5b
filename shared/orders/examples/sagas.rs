//! Writes the state machines: `cargo run -p throughline-orders --example sagas -- infra/sagas`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("infra/sagas"), PathBuf::from);
    for saga in throughline_orders::sagas::all()? {
        let path = folder.join(format!("{}.asl.json", saga.name()));
        fs::write(&path, saga.to_states_language())?;
        println!("{}", path.display());
    }
    Ok(())
}
