//! Attribute paths and patch operations (RFC 7644 §3.5.2), decoded against the schema.

use crate::filter::Filter;
use crate::schema::{AttrId, Registry};
use crate::value::{Attributes, Value};

/// What a patch operation aims at: `attr`, `attr[filter]`, `attr.sub` or `attr[filter].sub`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The attribute of the top level.
    pub attr: AttrId,
    /// Which elements, by their sub-attributes.
    pub filter: Option<Filter>,
    /// The sub-attribute.
    pub sub: Option<AttrId>,
    /// As the client wrote it, for messages.
    pub text: String,
}

/// What a patch operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// RFC 7644 §3.5.2.1.
    Add,
    /// RFC 7644 §3.5.2.2.
    Remove,
    /// RFC 7644 §3.5.2.3.
    Replace,
}

/// One patch operation; an operation without a path has become one for each attribute it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchOp {
    /// What it does.
    pub kind: PatchKind,
    /// What it aims at.
    pub path: Path,
    /// The values: those to add or put in place. With `Remove`, only these values go
    /// (RFC 7644 gives `remove` no values; Entra ID and others send them); none means all.
    pub values: Vec<Value>,
    /// For a value filter that matches nothing: the element that the filter describes, with the values as they
    /// were written (deviates: RFC 7644 §3.5.2.3 says `noTarget`; Entra ID needs it).
    pub missing: Option<Attributes>,
}

impl Path {
    /// The path of an attribute of the product's own, or of a part of it.
    pub fn of(attr: AttrId, sub: Option<AttrId>) -> Self {
        Self {
            attr,
            filter: None,
            sub,
            text: Registry::core().path(sub.unwrap_or(attr)).to_string(),
        }
    }
}

impl PatchOp {
    /// The operation, which creates nothing for a filter.
    pub fn new(kind: PatchKind, path: Path, values: Vec<Value>) -> Self {
        Self {
            kind,
            path,
            values,
            missing: None,
        }
    }
}
