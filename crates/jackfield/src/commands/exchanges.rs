//! `jackfield scim log`, `show` and `replay`: what SCIM connections asked for.

mod log;
mod replay;
mod show;

use std::fmt::Write as _;

use anyhow::{Result, bail};
use jackfield_gateway::{Gateway, Session};
use jackfield_model::{Deed, Exchange};
use serde_json::Value;
use uuid::Uuid;

use crate::node;

pub(super) use log::log;
pub(super) use replay::replay;
pub(super) use show::show;

/// The exchange with this id, and the operator in its tenant.
async fn find(gateway: &Gateway, id: Uuid) -> Result<(Session, Exchange)> {
    for tenant in gateway.tenants() {
        let operator = node::operator(gateway, &tenant);
        if let Some(exchange) = operator.exchange(id).await? {
            return Ok((operator, exchange));
        }
    }
    bail!("there is no request {id} any more")
}

/// What a connection is called, or who else asked.
fn name(operator: &Session, exchange: &Exchange) -> String {
    let Some(id) = exchange.connection else {
        return "nobody".to_owned();
    };
    operator
        .connection_name(id)
        .unwrap_or_else(|| id.to_string())
}

/// As programs read it: with the moment and the name that people read, too.
fn shown(operator: &Session, exchange: &Exchange) -> Result<Value> {
    let mut value = serde_json::to_value(exchange)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("at".to_owned(), exchange.at.to_rfc3339().into());
        if exchange.connection.is_some() {
            object.insert("connection".to_owned(), name(operator, exchange).into());
        }
    }
    Ok(value)
}

/// The path and query, seen from the tenant's base.
fn path(exchange: &Exchange) -> &str {
    let target = exchange.target.as_str();
    let below = target.split_once("/v2/").map(|(_, path)| path);
    below.unwrap_or(target)
}

/// What was changed, in a few words.
fn changed(deed: &Deed) -> String {
    let names: Vec<&str> = deed
        .changes
        .iter()
        .map(|change| change.attribute.as_str())
        .collect();
    let mut words = format!("{} {}", deed.action, deed.target_name);
    if !names.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(words, " ({})", names.join(", "));
    }
    words
}
