//! Devices and service accounts.

use jackfield_gateway::access::ApiScope;
use jackfield_gateway::administer::{AccountInfo, AccountRights};
use jackfield_gateway::api_token::ActsAs;
use jackfield_gateway::{Entry, Error as Refusal, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, DialFormat, Kind, View, ViewSet};

use super::credentials::{self, holder};
use super::project::Shown;
use super::records::{self, Area, Names, names};
use super::said::Said;
use crate::endpoint::Endpoints;
use crate::error::Error;
use crate::shape::account::{Account, Device, DeviceBody, ServiceAccount, ServiceAccountBody};
use crate::shape::patch::Patch;

struct Devices;
struct ServiceAccounts;

pub(super) fn endpoints() -> Endpoints {
    let (kind, scopes) = (Kind::Device, Devices::SCOPES);
    let devices = holder!(kind, scopes, "devices", "Device");
    let (kind, scopes) = (Kind::Service, ServiceAccounts::SCOPES);
    let accounts = holder!(kind, scopes, "service-accounts", "ServiceAccount");
    records::endpoints::<Devices>()
        .and(credentials::endpoints(devices))
        .and(records::endpoints::<ServiceAccounts>())
        .and(credentials::endpoints(accounts))
}

impl Area for Devices {
    const KIND: Kind = Kind::Device;
    const NAMES: Names = names!("devices", "Device", "Devices", "a device", "devices");
    const SCOPES: [ApiScope; 2] = [ApiScope::AccountsRead, ApiScope::AccountsWrite];
    const NAME: &'static str = "name";
    const SEARCHED: &'static [AttrId] = &[attr::LOGIN];
    type Shown = Device;
    type Said = DeviceBody;

    fn shown(_: &Session, reader: &Reader, entry: Entry<'_>) -> Option<Device> {
        let info = reader.account(entry.record().id)?;
        Some(Device {
            account: account(info, entry),
        })
    }

    fn said(session: &Session, body: DeviceBody) -> Result<Said, Error> {
        said(
            session,
            ServiceAccountBody {
                name: body.name,
                scopes: body.scopes,
                attributes: body.attributes,
                views: body.views,
                dial: body.dial,
                acts_as: Patch::Keep,
            },
        )
    }
}

impl Area for ServiceAccounts {
    const KIND: Kind = Kind::Service;
    const NAMES: Names = names!(
        "service-accounts",
        "ServiceAccount",
        "ServiceAccounts",
        "a service account",
        "service accounts"
    );
    const SCOPES: [ApiScope; 2] = [ApiScope::AccountsRead, ApiScope::AccountsWrite];
    const NAME: &'static str = "name";
    const SEARCHED: &'static [AttrId] = &[attr::LOGIN];
    type Shown = ServiceAccount;
    type Said = ServiceAccountBody;

    fn shown(_: &Session, reader: &Reader, entry: Entry<'_>) -> Option<ServiceAccount> {
        let info = reader.account(entry.record().id)?;
        Some(ServiceAccount {
            acts_as: info.acts_as.clone(),
            account: account(info, entry),
        })
    }

    fn said(session: &Session, body: ServiceAccountBody) -> Result<Said, Error> {
        said(session, body)
    }
}

fn account(info: AccountInfo, entry: Entry<'_>) -> Account {
    let [created, modified] = Shown(entry).times();
    let is_view = |name: &String| View::from_name(name).is_some();
    let own_views = (!info.views.is_empty()).then_some(info.views);
    Account {
        id: info.id.to_string(),
        name: info.name,
        scopes: info.scopes,
        attributes: info.attributes,
        views: own_views.map(|views| views.into_iter().filter(is_view).collect()),
        dial: info.dial,
        created,
        modified,
    }
}

/// The gateway checks what is said; `null` takes away what was said before.
fn said(session: &Session, body: ServiceAccountBody) -> Result<Said, Error> {
    let mut cleared = Said::default();
    let mut clear = |attr, is_cleared: bool| {
        if is_cleared {
            cleared.put(attr, Vec::new());
        }
    };
    clear(attr::SCOPES, body.scopes == Patch::Clear);
    clear(attr::READS, body.attributes == Patch::Clear);
    clear(attr::VIEWS, body.views == Patch::Clear);
    clear(attr::DIALS, body.dial == Patch::Clear);
    clear(attr::ACTS_AS, body.acts_as == Patch::Clear);
    let (scopes, attributes) = (body.scopes.value(), body.attributes.value());
    let dial = body
        .dial
        .value()
        .map(|text| dial_format(&text))
        .transpose()?;
    let acts_as = body.acts_as.value();
    let rights = AccountRights {
        scopes: scopes.as_deref(),
        attributes: attributes.as_deref(),
        dial: dial.as_ref(),
        views: body
            .views
            .value()
            .map(|names| view_set(&names))
            .transpose()?,
        acts_as: acts_as.as_deref().map(|text| match text {
            "*" => ActsAs::Operator,
            role => ActsAs::Role(role),
        }),
    };
    let mut said = Said::from(session.account_said(&rights)?);
    said.append(cleared);
    said.say_texts([(attr::LOGIN, body.name)]);
    Ok(said)
}

fn dial_format(text: &str) -> Result<DialFormat, Error> {
    let unknown =
        |_| Refusal::invalid_value("dial", "written, e164, national or prefix-9 was expected");
    Ok(text.parse().map_err(unknown)?)
}

fn view_set(names: &[String]) -> Result<ViewSet, Error> {
    let view = |name: &String| {
        let known = View::ALL.map(View::name).join(", ");
        let unknown = || Refusal::invalid_value("views", format!("{name:?} is none of: {known}"));
        Ok(View::from_name(name).ok_or_else(unknown)?)
    };
    names.iter().map(view).collect()
}
