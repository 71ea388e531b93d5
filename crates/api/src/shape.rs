//! What goes over the wire, as types: bodies and queries are read into them, answers are written from
//! them, and the OpenAPI document is made of their schemas.
//!
//! | module | holds |
//! | --- | --- |
//! | `patch` | a member of a merge patch |
//! | `page` | lists |
//! | `problem` | problem details |
//! | `record`, `person` | what several resources have in common |
//! | `account`, `audit`, `check`, `contact`, `credential`, `desk`, `extension`, `me`, `report`, `role`, `user` | resources |

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod contact;
pub(crate) mod credential;
pub(crate) mod desk;
pub(crate) mod extension;
pub(crate) mod me;
pub(crate) mod page;
pub(crate) mod patch;
pub(crate) mod person;
pub(crate) mod problem;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod role;
pub(crate) mod user;
