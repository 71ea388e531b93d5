//! What the actor may do, by what it is: the catalogue's answer, or a rule for all of its kind.

use jackfield_access::{Action, Actor, Ceiling, Decision, Denial, Reason, decide};
use jackfield_model::schema::attr;
use jackfield_model::{ConnectionKind, Id, Kind, Principal};

use super::Refusal;
use super::draft::Draft;

/// What stands in a service account's `actsAs` for the operator; no role has such a key.
pub const OPERATOR: &str = "*";

/// What is done to a record that is no user.
#[derive(Clone, Copy)]
pub(super) enum Care {
    Create,
    Edit,
    Delete,
}

impl Draft<'_> {
    /// Asks the catalogue.
    pub(super) fn decide(&self, action: Action<'_>) -> Result<(), Refusal> {
        let Decision::Deny(reason) = self.verdict(action) else {
            return Ok(());
        };
        let denial = Denial::of(&reason, self.snapshot.roles(), action);
        Err(match reason {
            Reason::LastHolder(_) => Refusal::Protected(denial),
            _ => Refusal::Forbidden(denial),
        })
    }

    fn verdict(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        match self.ctx.actor {
            Principal::System | Principal::Config | Principal::Operator => {
                decide(roles, Actor::System, action)
            }
            Principal::Connection(_) => self.decide_connection(action),
            Principal::Person(id) => match self.snapshot.record(id) {
                Some(person) if person.is_active() => decide(
                    roles,
                    Actor::Person(&self.snapshot.effective_of(person)),
                    action,
                ),
                _ => decide(roles, Actor::Reader, action),
            },
            Principal::Service(_) => self.decide_service(action),
            Principal::Anonymous | Principal::Device(_) => decide(roles, Actor::Reader, action),
        }
    }

    /// Refuses people, and accounts that act as they do, where no catalogue says which of them may.
    pub(super) fn require_provisioner(&self) -> Result<(), Refusal> {
        match self.ctx.actor {
            Principal::Service(_) if self.is_system() => Ok(()),
            Principal::System
            | Principal::Config
            | Principal::Operator
            | Principal::Connection(_) => Ok(()),
            Principal::Person(_)
            | Principal::Anonymous
            | Principal::Service(_)
            | Principal::Device(_) => {
                let why = "only provisioning clients and the operator do this";
                Err(Refusal::Forbidden(Denial::by("provisioners_only", why)))
            }
        }
    }

    /// Refuses those who may not look after records of this kind, which is no user: where the
    /// catalogue names a permission for it, people who do not have that.
    pub(super) fn require_for(&self, kind: Kind, care: Care) -> Result<(), Refusal> {
        let needs = &self.snapshot.catalogue().needs;
        let upkeep = match kind {
            Kind::Service | Kind::Device | Kind::Connection => return self.require_operator(),
            Kind::Extension => &needs.extensions,
            Kind::Desk => &needs.desks,
            Kind::Contact => &needs.contacts,
            Kind::User | Kind::Group | Kind::Role => return self.require_provisioner(),
        };
        let needed = match care {
            Care::Create => &upkeep.create,
            Care::Edit => &upkeep.edit,
            Care::Delete => &upkeep.delete,
        };
        match needed {
            Some(permission) if self.is_bound_by_catalogue() => {
                self.decide(Action::Use(permission))
            }
            _ => self.require_provisioner(),
        }
    }

    /// Refuses everybody but the program itself: who may come in, and as what, is not for those
    /// who did.
    pub(super) fn require_operator(&self) -> Result<(), Refusal> {
        if self.is_system() {
            Ok(())
        } else {
            let denial = Denial::by("operator_only", "only the operator does this");
            Err(Refusal::Forbidden(denial))
        }
    }

    /// The connection that acts, if one does.
    pub(super) fn connection(&self) -> Option<Id> {
        match self.ctx.actor {
            Principal::Connection(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the actor is a connection that is to be served by the letter of the RFCs.
    pub(super) fn is_strict(&self) -> bool {
        let record = self.connection().and_then(|id| self.snapshot.record(id));
        record.is_some_and(|record| record.connection_kind() == ConnectionKind::Strict)
    }

    /// A connection does what its own ceiling permits, and its credential's.
    fn decide_connection(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        let record = self.connection().and_then(|id| self.snapshot.record(id));
        let own = record.and_then(|record| record.attributes.text(attr::CEILING));
        let own = Ceiling::named(own.unwrap_or_default());
        match (
            decide(roles, Actor::Connection(&own), action),
            &self.ctx.mandate.ceiling,
        ) {
            (Decision::Permit, Some(lower)) => decide(roles, Actor::Connection(lower), action),
            (decision, _) => decision,
        }
    }

    /// A service account does what the holder of a role does, or what the operator does; one that
    /// acts as nobody reads only.
    fn decide_service(&self, action: Action<'_>) -> Decision {
        let roles = self.snapshot.roles();
        let role = self.acts_as().filter(|role| roles.get(role).is_some());
        match role {
            _ if self.is_system() => decide(roles, Actor::System, action),
            Some(role) => decide(roles, Actor::Person(&roles.effective([role])), action),
            None => decide(roles, Actor::Reader, action),
        }
    }

    /// As whom a service account acts: a role's key, or [`OPERATOR`].
    pub(super) fn acts_as(&self) -> Option<&str> {
        let Principal::Service(id) = self.ctx.actor else {
            return None;
        };
        let service = self.snapshot.record(id)?;
        service.attributes.text(attr::ACTS_AS)
    }

    /// Whether the actor is somebody for whom the catalogue says what may be changed, whoever gave
    /// it.
    pub(super) fn is_bound_by_catalogue(&self) -> bool {
        match self.ctx.actor {
            Principal::Person(_) => true,
            Principal::Service(_) => self.acts_as().is_some(),
            _ => false,
        }
    }
}
