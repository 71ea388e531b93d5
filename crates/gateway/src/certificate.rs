//! Client certificates (SASL EXTERNAL): found by their fingerprint, as tokens are by their id.

use jackfield_model::{
    Credential, CredentialKind, Id, Origin, Principal, Secret, TenantName, Verifier,
};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

use crate::administer::SecretLimits;
use crate::bind::{principal_of, serves};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::session::Session;
use crate::tenant::Tenant;

/// How the fingerprints of certificates are named among verifiers.
const SCHEME: &str = "x509-sha256";

impl Gateway {
    /// The session of the service account or device to whom this certificate was assigned, which
    /// the caller has verified to be good: in the listener's tenant, or else in the only one that
    /// knows it, of those that are served.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] if there is none, or more than one tenant has it.
    pub fn bind_certificate(
        &self,
        certificate: &[u8],
        listener_tenant: Option<&Tenant>,
        served: &[TenantName],
        origin: &Origin,
    ) -> Result<Session, Error> {
        let tenants = match listener_tenant {
            Some(tenant) => vec![tenant.clone()],
            None => self.tenants(),
        };
        let tenants = tenants.iter().filter(|tenant| serves(served, tenant));
        let fingerprint = fingerprint(certificate);
        let mut found = tenants.filter_map(|tenant| self.bearer_of(&fingerprint, tenant, origin));
        match (found.next(), found.next()) {
            (Some(session), None) => {
                session.admitted()?;
                Ok(session)
            }
            _ => {
                self.metrics().not_let_in(&Error::InvalidCredentials);
                Err(Error::InvalidCredentials)
            }
        }
    }

    fn bearer_of(&self, fingerprint: &str, tenant: &Tenant, origin: &Origin) -> Option<Session> {
        let snapshot = tenant.snapshot();
        let id = self.certificate_id(tenant.name(), fingerprint);
        let credential = snapshot.credential(id)?;
        let is_it = |verifier: &Verifier| {
            verifier.scheme == SCHEME && verifier.value.expose() == fingerprint
        };
        let is_good =
            credential.verifiers.iter().any(is_it) && self.may_be_used(credential, origin.address);
        let record = snapshot.record(credential.principal).filter(|_| is_good)?;
        let principal = principal_of(record)
            .filter(|it| matches!(it, Principal::Service(_) | Principal::Device(_)))?;
        tenant.note_use(record.id, self.now());
        Some(Session::new(
            self.clone(),
            tenant.clone(),
            principal,
            Some(id),
            origin.clone(),
        ))
    }

    /// The credential of a certificate in a tenant: named after it, so that it is found at once.
    fn certificate_id(&self, tenant: &TenantName, fingerprint: &str) -> Id {
        let hash = self
            .secret_key()
            .hash(format!("{SCHEME} {} {fingerprint}", tenant.as_str()).as_bytes());
        let (octets, _) = hash.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        Id(uuid::Builder::from_custom_bytes(*octets).into_uuid())
    }
}

impl Session {
    /// Lets a service account or device log in by this certificate, given in DER.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn assign_certificate(
        &self,
        principal: Id,
        certificate: &[u8],
        label: &str,
        limits: &SecretLimits<'_>,
    ) -> Result<Id, Error> {
        self.check_end(limits.expires.flatten())?;
        let fingerprint = fingerprint(certificate);
        let id = self
            .gateway()
            .certificate_id(self.tenant().name(), &fingerprint);
        let verifier = Verifier {
            scheme: SmolStr::new_static(SCHEME),
            value: Secret::new(fingerprint),
        };
        let credential = limits.applied(Credential {
            id,
            label: label.to_owned(),
            verifiers: vec![verifier],
            ..self.credential(principal, CredentialKind::Secret)
        });
        let command = jackfield_directory::Command::AddCredential(credential);
        self.write(command).await.map(|_| id)
    }
}

fn fingerprint(certificate: &[u8]) -> String {
    let digest = Sha256::digest(certificate);
    let hex = digest.iter().map(|octet| format!("{octet:02x}"));
    hex.collect()
}
