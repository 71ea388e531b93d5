//! Extensions, and their SIP secrets.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Entry, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind};

use super::project::Shown;
use super::records::{self, Area, Names, names};
use super::said::Said;
use crate::body::{self, Body};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::shape::extension::{Extension, ExtensionBody, SipSecretBody, SipSecretSet};

struct Extensions;

pub(super) fn endpoints() -> Endpoints {
    records::endpoints::<Extensions>()
        .with(
            Operation::put(
                "/extensions/{id}/sip-secret",
                "setSipSecret",
                "Give an extension a SIP secret, in place of the one it has.",
            )
            .scope(ApiScope::DirectoryWrite)
            .body::<SipSecretBody>()
            .answers::<SipSecretSet>(200),
            set_secret,
        )
        .with(
            Operation::delete(
                "/extensions/{id}/sip-secret",
                "deleteSipSecret",
                "Take the SIP secret of an extension, whose phone cannot register any more.",
            )
            .scope(ApiScope::DirectoryWrite),
            remove_secret,
        )
}

impl Area for Extensions {
    const KIND: Kind = Kind::Extension;
    const NAMES: Names = names!(
        "extensions",
        "Extension",
        "Extensions",
        "an extension",
        "extensions"
    );
    const SCOPES: [ApiScope; 2] = [ApiScope::DirectoryRead, ApiScope::DirectoryWrite];
    const NAME: &'static str = "number";
    const SEARCHED: &'static [AttrId] =
        &[attr::EXTENSION_NUMBER, attr::COMMON_NAME, attr::DESCRIPTION];
    type Shown = Extension;
    type Said = ExtensionBody;

    fn shown(_: &Session, _: &Reader, entry: Entry<'_>) -> Option<Extension> {
        let said = Shown(entry);
        let [created, modified] = said.times();
        Some(Extension {
            id: entry.record().id.to_string(),
            number: said.text(attr::EXTENSION_NUMBER).unwrap_or_default(),
            display_name: said.text(attr::DISPLAY_NAME),
            description: said.text(attr::DESCRIPTION),
            holder: said.holders().into_iter().next(),
            created,
            modified,
        })
    }

    fn said(_: &Session, body: ExtensionBody) -> Result<Said, Error> {
        let mut said = Said::default();
        said.say_texts([
            (attr::EXTENSION_NUMBER, body.number),
            (attr::DISPLAY_NAME, body.display_name),
            (attr::DESCRIPTION, body.description),
        ]);
        Ok(said)
    }
}

async fn set_secret(call: Call, Body(body): Body<SipSecretBody>) -> Result<Response, Error> {
    let id = call.id()?;
    let made = call.session.set_sip_secret(id, body.secret.as_deref());
    let made = made.await?.text.to_string();
    let secret = body.secret.is_none().then_some(made);
    body::json(StatusCode::OK, &SipSecretSet { secret })
}

async fn remove_secret(call: Call) -> Result<StatusCode, Error> {
    call.session.remove_sip_secret(call.id()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
