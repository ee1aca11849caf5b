//! A packaged SAM template, from standard input, as CloudFormation takes it, on standard output:
//! `cargo run -p throughline-sandbox --example translate < template.json`.

use std::io::Read as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut template = String::new();
    std::io::stdin().read_to_string(&mut template)?;
    println!("{}", throughline_sandbox::cloudformation::processed(&template)?);
    Ok(())
}
