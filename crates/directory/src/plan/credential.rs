//! Adding, renewing and removing credentials.

use jackfield_access::{Action, Deed, Denial, WayIn};
use jackfield_model::{Change, Credential, CredentialKind, Id, Kind, Record, Verifier};

use super::draft::Draft;
use super::{Refusal, action};

pub(super) fn add(draft: &mut Draft<'_>, credential: &Credential) -> Result<Id, Refusal> {
    let principal = draft
        .snapshot
        .record(credential.principal)
        .cloned()
        .ok_or(Refusal::NotFound("principal"))?;
    let is_new = draft.snapshot.credential(credential.id).is_none();
    match (principal.kind, credential.kind) {
        (Kind::User, CredentialKind::Password) => {
            draft.decide_password(&principal)?;
            draft.replace_password(credential)?;
        }
        (Kind::Extension, CredentialKind::Sip) => {
            draft.decide_sip_secret()?;
            for old in sip_secrets(draft, principal.id) {
                draft.push(Change::RemoveCredential(old))?;
            }
            draft.push(Change::PutCredential(credential.clone()))?;
            draft.tell(action::SET_SIP_SECRET, Some(&principal), Vec::new());
            return Ok(principal.id);
        }
        (_, CredentialKind::Sip) => return Err(Refusal::NotFound("extension")),
        (Kind::User, CredentialKind::Token) if draft.is_self(&principal) => {
            draft.require_login()?;
            draft.push(Change::PutCredential(credential.clone()))?;
        }
        _ => {
            draft.require_operator()?;
            draft.push(Change::PutCredential(credential.clone()))?;
        }
    }
    let action = match is_new {
        true => action::CREATE_CREDENTIAL,
        false => "credential.change",
    };
    draft.tell(action, Some(&principal), Vec::new());
    Ok(credential.principal)
}

pub(super) fn remove(draft: &mut Draft<'_>, id: Id) -> Result<Id, Refusal> {
    let credential = draft.snapshot.credential(id).cloned();
    let holder = credential.as_deref().map(|it| it.principal);
    let holder = holder.and_then(|id| draft.snapshot.record(id)).cloned();
    let action = match (&credential, &holder) {
        (Some(it), _) if it.kind == CredentialKind::Sip => {
            draft.decide_sip_secret()?;
            action::REMOVE_SIP_SECRET
        }
        (Some(it), Some(user)) if user.kind == Kind::User && it.kind == CredentialKind::Token => {
            draft.decide_end_of_token(user)?;
            action::REVOKE_CREDENTIAL
        }
        _ => {
            draft.require_operator()?;
            action::REVOKE_CREDENTIAL
        }
    };
    let credential = credential.ok_or(Refusal::NotFound("credential"))?;
    draft.push(Change::RemoveCredential(id))?;
    draft.tell(action, holder.as_deref(), Vec::new());
    Ok(credential.principal)
}

fn sip_secrets(draft: &Draft<'_>, extension: Id) -> Vec<Id> {
    let all = draft.snapshot.credentials_of(extension);
    all.filter(|it| it.kind == CredentialKind::Sip)
        .map(|it| it.id)
        .collect()
}

impl Draft<'_> {
    /// Refuses who came by a token, or through somebody who acts for others: what either made would
    /// outlive it.
    pub(super) fn require_login(&self) -> Result<(), Refusal> {
        let (rule, why) = match self.ctx.mandate.way_in {
            WayIn::Login => return Ok(()),
            WayIn::Token => (
                "token",
                "a token makes no other, and no password of whom it is of: log in by name and password",
            ),
            WayIn::Proxy => ("proxy", "who acts for others makes no passwords and tokens"),
        };
        Err(Refusal::Forbidden(Denial::by(rule, why)))
    }

    /// Asks whether the actor may end a user's token. Whoever may set the password ends them by that.
    fn decide_end_of_token(&self, user: &Record) -> Result<(), Refusal> {
        match self.is_self(user) {
            true => Ok(()),
            false => self.decide_user(Deed::ResetPassword, user),
        }
    }

    /// Asks whether the actor may give extensions SIP secrets and take them.
    fn decide_sip_secret(&self) -> Result<(), Refusal> {
        match &self.snapshot.catalogue().needs.set_sip_secret {
            Some(permission) => self.decide(Action::Use(permission)),
            None => self.require_operator(),
        }
    }
}

/// The secret is the same, so that nothing is told.
pub(super) fn renew(draft: &mut Draft<'_>, id: Id, verifier: &Verifier) -> Result<Id, Refusal> {
    draft.require_operator()?;
    let credential = draft
        .snapshot
        .credential(id)
        .ok_or(Refusal::NotFound("credential"))?;
    let renewed = Credential {
        verifiers: vec![verifier.clone()],
        ..(**credential).clone()
    };
    let principal = renewed.principal;
    draft.push(Change::PutCredential(renewed))?;
    Ok(principal)
}
