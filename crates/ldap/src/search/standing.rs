//! Where a client's last search began, and what it may read there: phones and telephone systems
//! search the same branch again and again.

use jackfield_gateway::{Node, Remembered};
use jackfield_model::Dn;

use super::base::{self, Base};
use crate::Error;
use crate::client::Client;

/// What a connection keeps of its last search, for the next one.
#[derive(Default)]
pub(crate) struct Standing(Option<Stood>);

struct Stood {
    /// The base as the client wrote it.
    written: String,
    dn: Dn,
    found: Option<(Remembered, Node)>,
}

impl Standing {
    /// The base of a search, which is the last one's where the client wrote the same and nothing has
    /// changed that decides what it means and what may be read.
    ///
    /// # Errors
    /// As [`base::find`], and that it is no name.
    pub(super) fn base(&mut self, client: &Client, written: &str) -> Result<Base, Error> {
        let stood = match self.0.take().filter(|stood| stood.written == written) {
            Some(stood) => stood,
            None => Stood {
                written: written.to_owned(),
                dn: Dn::parse(written)?,
                found: None,
            },
        };
        let stood = self.0.insert(stood);
        let session = client.session.as_ref();
        let again = |(kept, node): &(Remembered, Node)| {
            let reader = session?.recall(kept)?;
            Some(Base::Tree(reader, node.clone()))
        };
        if let Some(base) = stood.found.as_ref().and_then(again) {
            return Ok(base);
        }
        stood.found = None;
        let base = base::find(client, &stood.dn)?;
        if let Base::Tree(reader, node) = &base {
            stood.found = Some((reader.remember(), node.clone()));
        }
        Ok(base)
    }
}
