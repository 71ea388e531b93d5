//! The same directory in Jackfield and in Debian's slapd, asked the same questions.
//!
//! People and groups are imported into Jackfield from LDIF; what it then shows, together with the
//! schema that it publishes, is loaded into slapd. Questions come from a generator with a fixed
//! seed. Wherever the two disagree, one of [`ACCEPTED`] must say why, and each of those must occur.
//!
//! | module | holds |
//! | --- | --- |
//! | [`population`] | the LDIF |
//! | [`random`] | numbers that are the same in every run |
//! | [`filters`] | filters, and where they come from |
//! | [`questions`] | searches, comparisons and names, and where they come from |
//! | [`pair`] | the two servers, loaded |
//! | [`answer`] | what they answer, made comparable |
//! | [`accepted`] | the differences that are meant to be |

pub mod accepted;
pub mod answer;
pub mod filters;
pub mod pair;
pub mod population;
pub mod questions;
pub mod random;

pub use accepted::ACCEPTED;
pub use pair::Pair;
