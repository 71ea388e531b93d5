//! Service accounts that act for somebody else (RFC 4370), where they were given that.

use jackfield_access::Denial;
use jackfield_model::{Kind, Principal};

use crate::bind::Name;
use crate::error::Error;
use crate::session::Session;

/// The scope of a service account that may act for people and for nobody in particular.
const SCOPE: &str = "proxy";

impl Session {
    /// This session as that of the person who bears the name, or, without one, of nobody in
    /// particular: with that one's rights and none of its own, for as long as its own credential
    /// is good.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if it may not, or the name is not that of an active person.
    pub fn on_behalf_of(&self, name: Option<&Name<'_>>) -> Result<Self, Error> {
        if !self.has_scope(SCOPE) {
            let reason = "acting for others takes the scope `proxy`";
            return Err(Error::Forbidden(Denial::by("scope", reason)));
        }
        let Some(name) = name else {
            return Ok(self.with_principal(Principal::Anonymous));
        };
        let snapshot = self.snapshot();
        let person = name
            .bearer(&snapshot)
            .filter(|record| record.kind == Kind::User && record.is_active());
        match person {
            Some(person) => Ok(self.with_principal(Principal::Person(person.id))),
            None => {
                let why = "there is no such person to act for";
                Err(Error::Forbidden(Denial::by("proxy", why)))
            }
        }
    }
}
