//! jackfield
fn main() {}
