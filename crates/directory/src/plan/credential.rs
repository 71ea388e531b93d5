//! Adding, renewing and removing credentials.

use jackfield_model::{Change, Credential, CredentialKind, Id, Kind, Verifier};

use super::Refusal;
use super::draft::Draft;

pub(super) fn add(draft: &mut Draft<'_>, credential: &Credential) -> Result<Id, Refusal> {
    let principal = draft
        .snapshot
        .record(credential.principal)
        .cloned()
        .ok_or(Refusal::NotFound("principal"))?;
    match (principal.kind, credential.kind) {
        (Kind::User, CredentialKind::Password) => {
            draft.decide_password(&principal)?;
            draft.replace_password(credential)?;
        }
        _ => {
            draft.require_operator()?;
            draft.push(Change::PutCredential(credential.clone()))?;
        }
    }
    draft.tell("credential.create", Some(&principal), Vec::new());
    Ok(credential.principal)
}

pub(super) fn remove(draft: &mut Draft<'_>, id: Id) -> Result<Id, Refusal> {
    draft.require_operator()?;
    let credential = draft
        .snapshot
        .credential(id)
        .ok_or(Refusal::NotFound("credential"))?;
    let principal = credential.principal;
    draft.push(Change::RemoveCredential(id))?;
    let record = draft.snapshot.record(principal).cloned();
    draft.tell("credential.revoke", record.as_deref(), Vec::new());
    Ok(principal)
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
