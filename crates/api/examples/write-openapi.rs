//! Writes the OpenAPI document: `cargo run -p jackfield-api --example write-openapi`.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    fs::write(file, format!("{:#}\n", jackfield_api::openapi_document()))
}
