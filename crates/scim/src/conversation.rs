//! What identity providers say, as data: requests with what the provider needs to hear, and what
//! this server answers in full.
//!
//! A conversation is a text file. `tests/fixtures/scim/README.md` describes the form. Nothing in
//! here knows a network: a [`Run`] gives requests and takes answers, so that one runner serves the
//! tests and the probe of somebody else's server.
//!
//! | module | holds |
//! | --- | --- |
//! | `file` | the form |
//! | `pattern` | values with places to fill, and matching them |
//! | `run` | one conversation held with a server |
//! | `record` | writing what a server answered into the file |
//! | `shipped` | the conversations of each provider |

mod file;
mod pattern;
mod record;
mod run;
mod shipped;

pub use file::{Conversation, Mistake, Necessity, Step};
pub use record::Recording;
pub use run::{Answer, Outcome, Request, Run, Turn};
pub use shipped::{PROVIDERS, Shipped, shipped};
