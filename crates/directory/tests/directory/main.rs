//! What the directory promises: semantics as text fixtures, properties, and the rules of planning.

mod fixtures;
mod notation;
mod properties;
mod questions;
mod random;
mod state;
mod world;
