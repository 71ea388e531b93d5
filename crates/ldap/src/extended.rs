//! Extended operations (RFC 4511 §4.12): who-am-I (RFC 4532), cancel (RFC 3909) and StartTLS
//! (RFC 4511 §4.14). For Password Modify see [`write`](crate::write).

use jackfield_gateway::Session;

use crate::Error;
use crate::client::Client;
use crate::wire::RequestError;
use crate::wire::ber::{BerError, INTEGER, Reader, SEQUENCE};

/// RFC 4532 §2.
pub(crate) const WHO_AM_I: &str = "1.3.6.1.4.1.4203.1.11.3";

/// RFC 4511 §4.14.1.
pub(crate) const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

/// RFC 3909 §2.
pub(crate) const CANCEL: &str = "1.3.6.1.1.8";

/// The message ID of the operation to cancel (RFC 3909 §2.1).
pub(crate) fn to_cancel(value: Option<&[u8]>) -> Result<i32, RequestError> {
    let value = value.ok_or(BerError::Missing)?;
    let id = Reader::new(value).nested(SEQUENCE)?.integer(INTEGER)?;
    i32::try_from(id).map_err(|_| RequestError::OutOfRange("the message ID to cancel"))
}

/// The authzId of the client (RFC 4513 §5.2.1.8); empty for an anonymous one.
pub(crate) fn who_am_i(client: &Client) -> String {
    let dn = client.session.as_ref().and_then(Session::dn);
    dn.map(|dn| format!("dn:{dn}")).unwrap_or_default()
}

/// Whether TLS can begin on this connection now (RFC 4511 §4.14.1).
pub(crate) fn start_tls(
    client: &Client,
    value: Option<&[u8]>,
    is_quiet: bool,
) -> Result<(), Error> {
    if value.is_some() {
        return Err(RequestError::HasValue.into());
    }
    if client.is_tls() {
        return Err(Error::StartTls("the connection is under TLS already"));
    }
    if !client.may_start_tls() {
        return Err(Error::UnknownExtension(START_TLS.to_owned()));
    }
    if !is_quiet {
        return Err(Error::StartTls(
            "other requests were sent before the answer to this one",
        ));
    }
    Ok(())
}
