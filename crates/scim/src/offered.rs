//! `/Roles` and `/Entitlements` (draft-ietf-scim-roles-entitlements): what the tenant's role system
//! has to give, for reading. A role's `value` is what stands in a user's `roles`; an entitlement is
//! a permission, which users have by their roles.
//!
//! Okta's governance finds both by schemas of its own, and reads the value from `id`: connections of
//! that kind get them under those.

mod choose;
mod item;

use std::cmp::Ordering;

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Error as Refusal, Reader, Start};
use jackfield_model::ConnectionKind;
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::search::{Extent, Page, Params, Place};
use choose::Asking;

pub(crate) use item::Column;

/// Something that the role system offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// Roles, built in and custom.
    Role,
    /// Permissions.
    Entitlement,
}

impl Offered {
    pub(crate) const ALL: [Self; 2] = [Self::Role, Self::Entitlement];

    /// Those that clients of this kind find by discovery.
    ///
    /// deviates: the draft wants them told to everybody. Clients that hold the server to RFC 7643
    /// and RFC 7644 refuse a configuration with attributes of drafts, and try to create whatever type
    /// they discover, though these are for reading; so they are told where they are looked for.
    pub(crate) fn told(dialect: &Dialect) -> &'static [Self] {
        match is_okta(dialect) {
            true => &Self::ALL,
            false => &[],
        }
    }

    /// The resource type's name, which is its id too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Entitlement => "Entitlement",
        }
    }

    /// The last part of its endpoint's path.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Entitlement => "Entitlements",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Role => "The roles that users can have.",
            Self::Entitlement => "The permissions that roles give.",
        }
    }

    /// The schema under which connections of this kind read it.
    pub(crate) fn schema(self, dialect: &Dialect) -> &'static str {
        match (self, is_okta(dialect)) {
            (Self::Role, false) => "urn:ietf:params:scim:schemas:core:2.0:Role",
            (Self::Entitlement, false) => "urn:ietf:params:scim:schemas:core:2.0:Entitlement",
            (Self::Role, true) => "urn:okta:scim:schemas:core:1.0:Role",
            (Self::Entitlement, true) => "urn:okta:scim:schemas:core:1.0:Entitlement",
        }
    }
}

/// The attributes of the schemas.
pub(crate) fn columns(dialect: &Dialect) -> &'static [Column] {
    match is_okta(dialect) {
        false => &item::DRAFT,
        true => &item::OKTA,
    }
}

/// What `/ServiceProviderConfig` says of it, to those who are [told](Offered::told).
pub(crate) fn features(dialect: &Dialect) -> Option<Json> {
    let features = |types: &[&str]| {
        json!({
            "supported": true,
            "primarySupported": true,
            "typeSupported": true,
            "types": types,
        })
    };
    (!Offered::told(dialect).is_empty()).then(|| {
        json!({
            "roles": features(&["built-in", "custom"]),
            "entitlements": features(&["permission"]),
        })
    })
}

/// GET of the endpoint.
pub(crate) async fn list(offered: Offered, call: Call) -> Result<Response, Error> {
    let params = Params::of_query(&call, offered.name())?;
    answer(offered, &call, params).await
}

/// POST of `/.search` behind the endpoint.
pub(crate) async fn search(offered: Offered, call: Call, body: Body) -> Result<Response, Error> {
    let params = Params::of_body(&call.dialect, &body.0, offered.name())?;
    answer(offered, &call, params).await
}

/// GET of one.
pub(crate) async fn get(offered: Offered, call: Call) -> Result<Response, Error> {
    let reader = call.session.read_own_writes().await?;
    let id = call.id_text();
    let mut all = all(offered, &call, &reader);
    let at = all
        .iter()
        .position(|item| item.get("id").and_then(Json::as_str) == Some(id));
    let item = at.map(|at| all.swap_remove(at));
    let item = item.ok_or_else(|| Refusal::not_found(id))?;
    let params = Params::of_query(&call, offered.name())?;
    let shown = choose::shown(item, params.only.as_deref(), &params.except);
    Ok(answer::json(StatusCode::OK, &shown.into()))
}

async fn answer(offered: Offered, call: &Call, params: Params) -> Result<Response, Error> {
    let reader = call.session.read_own_writes().await?;
    let asking = Asking {
        columns: columns(&call.dialect),
        urn: offered.schema(&call.dialect),
        is_root: false,
    };
    let mut items = all(offered, call, &reader);
    if let Some(filter) = &params.filter {
        items = choose::matching(items, &asking, filter)?;
    }
    choose::sort(&mut items, &asking, &params)?;
    let page = Page::of(params.wanted, &call.session, call.scim.options())?;
    let Start::At(start) = page.start else {
        return Err(Error::InvalidCursor);
    };
    let skipped = start.min(items.len());
    let extent = Extent {
        total: items.len(),
        skipped,
        shown: page.limit.min(items.len() - skipped),
    };
    let next = Place::At(skipped + extent.shown);
    let previous = Place::At(skipped.saturating_sub(page.limit));
    let mut message = page.message(&call.session, &extent, next, Some(previous))?;
    let resources: Vec<Json> = items
        .into_iter()
        .skip(skipped)
        .take(page.limit)
        .map(|item| choose::shown(item, params.only.as_deref(), &params.except).into())
        .collect();
    message.insert("itemsPerPage".to_owned(), resources.len().into());
    message.insert("Resources".to_owned(), resources.into());
    Ok(answer::json(StatusCode::OK, &message.into()))
}

/// Something offered, among the resources of the root.
pub(crate) struct Offer {
    /// The text by which it has its place in an order.
    pub(crate) key: Option<SmolStr>,
    /// With the attributes that are wanted.
    pub(crate) shown: Map<String, Json>,
}

/// What the client is [told](Offered::told) of and matches a query of the root, in its order; and whether the
/// order goes by an attribute of it.
///
/// # Errors
/// [`Refusal::InvalidFilter`] for what cannot be asked.
pub(crate) fn at_root(
    call: &Call,
    reader: &Reader,
    params: &Params,
) -> Result<(Vec<Offer>, bool), Error> {
    let (mut offers, mut is_ordered) = (Vec::new(), false);
    for offered in Offered::told(&call.dialect) {
        let asking = Asking {
            columns: columns(&call.dialect),
            urn: offered.schema(&call.dialect),
            is_root: true,
        };
        let mut items = all(*offered, call, reader);
        if let Some(filter) = &params.filter {
            items = choose::matching(items, &asking, filter)?;
        }
        for item in items {
            let by = params.by.as_deref();
            let (key, is_own) = by.map_or((None, false), |by| choose::key(&item, &asking, by));
            is_ordered |= is_own;
            let shown = choose::shown(item, params.only.as_deref(), &params.except);
            offers.push(Offer { key, shown });
        }
    }
    let compare = |a: &Offer, b: &Offer| by_key(a.key.as_ref(), b.key.as_ref());
    match params.is_descending {
        true => offers.sort_by(|a, b| compare(b, a)),
        false => offers.sort_by(compare),
    }
    Ok((offers, is_ordered))
}

/// Those without a value come last (RFC 7644 §3.4.2.3).
pub(crate) fn by_key(a: Option<&SmolStr>, b: Option<&SmolStr>) -> Ordering {
    match (a, b) {
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (a, b) => a.cmp(&b),
    }
}

/// Whether the name is one of a schema that the client is [told](Offered::told) of.
pub(crate) fn has_name(dialect: &Dialect, name: &str) -> bool {
    Offered::told(dialect).iter().any(|offered| {
        let urn = offered.schema(dialect);
        let parts = name.split_at_checked(urn.len());
        parts.is_some_and(|(head, rest)| head.eq_ignore_ascii_case(urn) && rest.starts_with(':'))
    })
}

fn all(offered: Offered, call: &Call, reader: &Reader) -> Vec<Map<String, Json>> {
    let items = match offered {
        Offered::Role => item::roles(reader),
        Offered::Entitlement => item::entitlements(reader),
    };
    let finish = |mut item: Map<String, Json>| {
        let columns = columns(&call.dialect);
        item.retain(|name, _| name == "id" || columns.iter().any(|column| column.name == name));
        let id = item.get("id").and_then(Json::as_str).unwrap_or_default();
        let location = format!("{}/{}/{id}", call.base, offered.endpoint());
        let meta = json!({"resourceType": offered.name(), "location": location});
        item.insert("schemas".to_owned(), json!([offered.schema(&call.dialect)]));
        item.insert("meta".to_owned(), meta);
        item
    };
    items.into_iter().map(finish).collect()
}

fn is_okta(dialect: &Dialect) -> bool {
    dialect.kind() == ConnectionKind::Okta
}
