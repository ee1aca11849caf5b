//! Writes the state machines and their pictures, in the repository's root: `cargo run -p throughline-orders --example sagas`.

use std::error::Error;
use std::fs;
use std::path::Path;

use throughline::saga::Saga;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let root = Path::new(&root);
    let page = root.join("docs/sagas.md");
    let mut text = fs::read_to_string(&page)?;
    for saga in throughline_orders::sagas::all()? {
        fs::write(root.join("infra/sagas").join(format!("{}.asl.json", saga.name())), saga.to_states_language())?;
        fs::write(root.join("docs").join(format!("{}.svg", saga.name())), saga.to_svg())?;
        text = drawn(&text, &saga)?;
        println!("{}", saga.name());
    }
    fs::write(&page, text)?;
    Ok(())
}

/// The page with the saga's picture: the Mermaid block that begins with its name is replaced.
fn drawn(page: &str, saga: &Saga) -> Result<String, String> {
    let mermaid = saga.to_mermaid();
    let start: String = mermaid.lines().take(2).map(|line| format!("{line}\n")).collect();
    let opening = format!("```mermaid\n{}", start.split(" --> ").next().unwrap_or_default());
    let missing = || format!("docs/sagas.md has no block that begins with {opening:?}");
    let (before, rest) = page.split_once(&opening).ok_or_else(missing)?;
    let (_, after) = rest.split_once("```\n").ok_or_else(missing)?;
    Ok(format!("{before}```mermaid\n{mermaid}```\n{after}"))
}
