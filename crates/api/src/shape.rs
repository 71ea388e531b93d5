//! What goes over the wire, as types: bodies and queries are read into them, answers are written from
//! them, and the OpenAPI document is made of their schemas.
//!
//! | module | holds |
//! | --- | --- |
//! | `patch` | a member of a merge patch |
//! | `page` | lists |
//! | `problem` | problem details |
//! | `user`, `role`, `check`, `me`, `audit`, `report` | resources |

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod me;
pub(crate) mod page;
pub(crate) mod patch;
pub(crate) mod problem;
pub(crate) mod report;
pub(crate) mod role;
pub(crate) mod user;
