//! The order of what is found (RFC 7644 §3.4.2.3).

use jackfield_gateway::{Error as Refusal, Order};
use jackfield_model::AttrId;
use jackfield_model::schema::{Mutability, Type, attr};

use super::Params;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::name::{self, Name};
use crate::resource::ResourceType;

/// The order that is asked for; a complex attribute goes by its value.
///
/// # Errors
/// [`Refusal::InvalidPath`] for what has no order.
pub(super) fn of(
    dialect: &Dialect,
    types: &[ResourceType],
    params: &Params,
) -> Result<Order, Error> {
    let Some(text) = &params.by else {
        return Ok(Order::Number);
    };
    let attr = sortable(dialect, types, text).ok_or_else(|| Refusal::InvalidPath {
        path: text.to_owned(),
        problem: "resources cannot be put in order by it".to_owned(),
    })?;
    Ok(Order::By {
        attr,
        descending: params.is_descending,
    })
}

fn sortable(dialect: &Dialect, types: &[ResourceType], text: &str) -> Option<AttrId> {
    let registry = dialect.registry();
    let Ok(Name::Attribute { attr, sub }) = name::resolve(dialect, types, text) else {
        return None;
    };
    let def = registry.get(sub.unwrap_or(attr))?;
    let leaf = match (def.ty, def.id) {
        (Type::Complex, attr::NAME) => attr::NAME_FORMATTED,
        (Type::Complex, attr) => name::value_of(dialect, attr)?,
        (Type::Reference, _) | (_, attr::META_VERSION) => return None,
        (_, leaf) => leaf,
    };
    registry
        .get(leaf)
        .filter(|def| def.mutability != Mutability::WriteOnly)
        .map(|def| def.id)
}
