//! A certificate for a first start and for tests.

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize,
};
use time::OffsetDateTime;

use crate::Error;

/// A certificate and its private key, both in PEM. The key is a secret.
pub struct SelfSigned {
    /// The certificate.
    pub certificate_pem: String,
    /// The private key, in PKCS #8.
    pub key_pem: String,
}

/// Makes a self-signed server certificate that is valid for `names`, DNS names and IP addresses.
///
/// The key is RSA of 2048 bits: there are desk phones that know nothing else. The certificate is
/// no authority, so who trusts it trusts this server alone. The first name becomes the subject.
/// Making the key takes a good part of a second.
///
/// # Errors
/// [`Error::SelfSigned`] when a name is not ASCII.
pub fn self_signed(
    names: &[&str],
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> Result<SelfSigned, Error> {
    let subject_alt_names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(subject_alt_names)?;
    if let Some(&first) = names.first() {
        params.distinguished_name.push(DnType::CommonName, first);
    }
    params.not_before = not_before;
    params.not_after = not_after;
    params.is_ca = IsCa::ExplicitNoCa;
    // RSA key exchange is gone from TLS 1.3 and from the suites offered here, but clients that
    // check usage for TLS 1.2 ask for both.
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let certificate = params.self_signed(&key)?;
    Ok(SelfSigned {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    })
}
