//! Adding, renewing and removing credentials.

use jackfield_access::Action;
use jackfield_model::{Change, Credential, CredentialKind, Id, Kind, Verifier};

use super::Refusal;
use super::draft::Draft;

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
            draft.tell("sip-secret.set", Some(&principal), Vec::new());
            return Ok(principal.id);
        }
        (_, CredentialKind::Sip) => return Err(Refusal::NotFound("extension")),
        _ => {
            draft.require_operator()?;
            draft.push(Change::PutCredential(credential.clone()))?;
        }
    }
    let action = match is_new {
        true => "credential.create",
        false => "credential.change",
    };
    draft.tell(action, Some(&principal), Vec::new());
    Ok(credential.principal)
}

pub(super) fn remove(draft: &mut Draft<'_>, id: Id) -> Result<Id, Refusal> {
    let credential = draft.snapshot.credential(id).cloned();
    let is_sip = |it: &Credential| it.kind == CredentialKind::Sip;
    let action = match credential.as_deref().is_some_and(is_sip) {
        true => {
            draft.decide_sip_secret()?;
            "sip-secret.remove"
        }
        false => {
            draft.require_operator()?;
            "credential.revoke"
        }
    };
    let credential = credential.ok_or(Refusal::NotFound("credential"))?;
    let principal = credential.principal;
    draft.push(Change::RemoveCredential(id))?;
    let record = draft.snapshot.record(principal).cloned();
    draft.tell(action, record.as_deref(), Vec::new());
    Ok(principal)
}

fn sip_secrets(draft: &Draft<'_>, extension: Id) -> Vec<Id> {
    let all = draft.snapshot.credentials_of(extension);
    all.filter(|it| it.kind == CredentialKind::Sip)
        .map(|it| it.id)
        .collect()
}

impl Draft<'_> {
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
