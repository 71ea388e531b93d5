//! Writes the JSON Schemas to `config/schemas/`: `cargo run -p jackfield-config --example write-schemas`.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/schemas");
    for (name, schema) in jackfield_config::schemas() {
        fs::write(folder.join(name), format!("{schema:#}\n"))?;
    }
    Ok(())
}
