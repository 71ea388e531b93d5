//! What the directory promises: semantics as text fixtures, properties, and the rules of planning.

mod declaring;
mod fixtures;
mod grants;
mod groups;
mod holders;
mod names;
mod notation;
mod ownership;
mod patching;
mod places;
mod properties;
mod questions;
mod random;
mod replacing;
mod state;
mod versions;
mod world;
