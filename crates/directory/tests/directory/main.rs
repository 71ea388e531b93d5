//! What the directory promises: semantics as text fixtures, properties, and the rules of planning.

mod fixtures;
mod grants;
mod holders;
mod notation;
mod ownership;
mod properties;
mod questions;
mod random;
mod state;
mod world;
