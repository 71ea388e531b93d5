//! Commands: done, or only tried.

use std::sync::Arc;

use jackfield_directory::{Command, Note, Snapshot};
use jackfield_model::path::PatchOp;
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, AuditEntry, CredentialKind, Id, Principal, Record, Secret, Value, Verifier,
};

use super::Session;
use crate::error::Error;
use crate::planning::{Answer, Manner, Write};
use crate::reader::Reader;
use crate::rehearsal::Rehearsal;

/// What a write came to.
pub struct Written {
    /// The record that it was about.
    pub id: Option<Id>,
    /// Whether anything changed.
    pub changed: bool,
    /// What was done otherwise than asked, for whoever looks into it.
    pub notes: Vec<Note>,
    /// The principal to go on with, if the write replaced the password that it had logged in by.
    pub renewed: Option<Session>,
    /// The tenant with the write done.
    pub reader: Reader,
}

impl Session {
    /// A session that only tries: its writes are planned and authorised as real ones, each on the
    /// outcome of the one before, and never committed. It works on a copy of the tenant as it is
    /// now, which its own reads and those of its clones see, and nobody else.
    #[must_use]
    pub fn rehearse(&self) -> Self {
        let planner = self.gateway.planner(self.tenant.name());
        let rehearsal = Rehearsal::new(planner, self.snapshot());
        Self {
            rehearsal: Some(Arc::new(rehearsal)),
            ..self.clone()
        }
    }

    /// What a rehearsal would have written to the audit log since the last call, refusals too; of
    /// a write that changes nothing there is none. Nothing for a session that is no rehearsal.
    pub fn take_rehearsed(&self) -> Vec<AuditEntry> {
        self.rehearsal
            .as_ref()
            .map(|rehearsal| rehearsal.take_told())
            .unwrap_or_default()
    }

    /// Does a command.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn write(&self, command: Command) -> Result<Written, Error> {
        let before = self.read()?;
        let write = self.prepare(command).await?;
        let sets_password = write.password.is_some();
        let answer = match &self.rehearsal {
            Some(rehearsal) => rehearsal.write(write).await?,
            None => self.tenant.write(write).await?,
        };
        Ok(self.written(answer, sets_password, &before))
    }

    /// Does commands in their order, many in one commit, each for itself; once `errors` of them
    /// were refused, no more are done. Gives one outcome for each that was.
    ///
    /// # Errors
    /// As [`read`](Self::read), before anything is done.
    pub async fn write_all(
        &self,
        commands: Vec<Command>,
        errors: usize,
    ) -> Result<Vec<Result<Written, Error>>, Error> {
        let before = self.read()?;
        self.charge(commands.len());
        let mut outcomes = Vec::with_capacity(commands.len());
        let mut left = errors;
        let mut commands = commands.into_iter();
        while left > 0 && commands.len() > 0 {
            let (mut writes, mut unfit) = (Vec::new(), None);
            for command in commands.by_ref().take(SERIES) {
                match self.prepare(command).await {
                    Ok(write) => writes.push(write),
                    Err(error) => {
                        unfit = Some(error);
                        break;
                    }
                }
            }
            let answers = match &self.rehearsal {
                Some(rehearsal) => {
                    let each = Manner::Each { errors: left };
                    rehearsal.write_all(writes, each).await
                }
                None => self.tenant.write_all(writes, left).await?,
            };
            for answer in answers {
                let outcome = answer.map(|answer| self.written(answer, false, &before));
                left = left.saturating_sub(usize::from(outcome.is_err()));
                outcomes.push(outcome);
            }
            if let Some(error) = unfit.filter(|_| left > 0) {
                left -= 1;
                outcomes.push(Err(error));
            }
        }
        Ok(outcomes)
    }

    /// Refuses a password that lacks what the tenant demands of one.
    pub(crate) fn check_policy(&self, password: &str) -> Result<(), Error> {
        let lacks = self.snapshot().catalogue().password.lacks(password);
        if lacks.is_empty() {
            return Ok(());
        }
        Err(Error::WeakPassword(lacks))
    }

    /// Counts the commands of one request beyond the first, which was counted when it came.
    pub(super) fn charge(&self, commands: usize) {
        if let (Principal::Connection(id), None) = (self.principal, &self.rehearsal) {
            let further = u32::try_from(commands.saturating_sub(1)).unwrap_or(u32::MAX);
            let (tenant, now) = (self.tenant.id(), self.gateway.now());
            self.gateway.meters().charge(tenant, id, further, now);
        }
    }

    pub(super) async fn prepare(&self, command: Command) -> Result<Write, Error> {
        let mandate = self.mandate(&self.snapshot())?;
        let (command, password) = self.hash_password(command).await?;
        Ok(Write {
            actor: self.principal,
            mandate,
            origin: self.origin.clone(),
            command: Box::new(command),
            password,
        })
    }

    /// What was done, as the principal may see it now; as it could before, if that has ended its own
    /// login.
    fn written(&self, answer: Answer, sets_password: bool, before: &Reader) -> Written {
        if let Some(deeds) = &self.deeds {
            deeds.tell(answer.snapshot.revision(), answer.told);
        }
        let renewed = match sets_password {
            true => self.renewed(&answer.snapshot),
            false => None,
        };
        let now = renewed.as_ref().unwrap_or(self);
        let reader = now.reader(Arc::clone(&answer.snapshot));
        Written {
            id: answer.id,
            changed: answer.changed,
            notes: answer.notes,
            reader: reader.unwrap_or_else(|_| before.of(answer.snapshot)),
            renewed,
        }
    }

    /// The session by the password that a write has put in place of the one it was made by.
    fn renewed(&self, snapshot: &Snapshot) -> Option<Self> {
        let (Principal::Person(person), Some(old)) = (self.principal, self.credential) else {
            return None;
        };
        if snapshot.credential(old).is_some() {
            return None;
        }
        let mut own = snapshot.credentials_of(person);
        let new = own.find(|credential| credential.kind == CredentialKind::Password)?;
        Some(Self {
            credential: Some(new.id),
            ..self.clone()
        })
    }

    /// Takes the password out of a command and hashes it, before the command waits in any queue.
    async fn hash_password(
        &self,
        mut command: Command,
    ) -> Result<(Command, Option<Verifier>), Error> {
        let password = match &mut command {
            Command::Create { attributes, .. } | Command::Replace { attributes, .. } => {
                taken_from(attributes)
            }
            Command::Patch { ops, .. } => taken_from_ops(ops),
            _ => None,
        };
        match password {
            Some(password) if self.takes_passwords() => {
                self.check_policy(password.expose())?;
                let (passwords, from) = (self.gateway.passwords(), self.origin.address);
                let verifier = passwords.hash(password.expose(), from).await?;
                Ok((command, Some(verifier)))
            }
            _ => Ok((command, None)),
        }
    }

    /// A connection says whether the passwords it pushes are taken; others' always are.
    fn takes_passwords(&self) -> bool {
        let Principal::Connection(id) = self.principal else {
            return true;
        };
        let snapshot = self.snapshot();
        snapshot.record(id).is_some_and(|it| takes_passwords(it))
    }
}

/// How many commands of a series one transaction takes at the most, so that others get their turn.
const SERIES: usize = 256;

/// Whether passwords that a connection pushes are taken: as its operator says, else its kind.
pub(crate) fn takes_passwords(connection: &Record) -> bool {
    let said = connection.attributes.flag(attr::TAKES_PASSWORDS);
    said.unwrap_or_else(|| connection.connection_kind().takes_passwords())
}

fn taken_from(attributes: &mut Attributes) -> Option<Secret> {
    let values = attributes.take(attr::PASSWORD);
    values.first().and_then(Value::as_str).map(Secret::new)
}

fn taken_from_ops(ops: &mut Vec<PatchOp>) -> Option<Secret> {
    let mut password = None;
    ops.retain_mut(|op| {
        if op.path.attr != attr::PASSWORD {
            return true;
        }
        password = op.values.first().and_then(Value::as_str).map(Secret::new);
        false
    });
    password
}
