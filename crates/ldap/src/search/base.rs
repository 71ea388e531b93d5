//! What an operation is about: the entry that its name means.

use jackfield_gateway::{Located, Node, Reader};
use jackfield_model::{Dn, Filter, KindSet};

use crate::Error;
use crate::client::Client;
use crate::filter::{Condition, Named, Scope};
use crate::synthetic::Synthetic;
use crate::{root_dse, subschema, tree};

/// The entry that a name means.
pub(crate) enum Base {
    /// One that stands by itself and that anybody may read: the root DSE or the subschema.
    Alone(Synthetic),
    /// One in a tenant's tree.
    Tree(Reader, Node),
}

/// Finds the entry.
///
/// # Errors
/// [`Error::NoSuchEntry`], or that the client may read nothing at all.
pub(crate) fn find(client: &Client, dn: &Dn) -> Result<Base, Error> {
    if dn.is_root() {
        return Ok(Base::Alone(root_dse::entry(client)));
    }
    if *dn == *subschema::DN {
        return Ok(Base::Alone(subschema::ENTRY.clone()));
    }
    let reader = client.reader(dn)?;
    let node = locate(&reader, dn)?;
    Ok(Base::Tree(reader, node))
}

/// What a name means in the reader's tenant.
pub(crate) fn locate(reader: &Reader, dn: &Dn) -> Result<Node, Error> {
    let is_shown = |node: &Node| match node {
        Node::Container(container) => tree::shows(reader, *container),
        Node::Suffix | Node::Record(_) | Node::Permission(_) => true,
    };
    match reader.locate(dn) {
        Located::Found(node) if is_shown(&node) => Ok(node),
        Located::Missing { matched } if is_shown(&matched) => Err(Error::NoSuchEntry {
            matched: reader.node_dn(&matched),
        }),
        Located::Found(_) | Located::Missing { .. } => Err(Error::NoSuchEntry {
            matched: reader.node_dn(&Node::Suffix),
        }),
        Located::Outside => Err(Error::NoSuchEntry {
            matched: String::new(),
        }),
    }
}

/// The condition as a filter over records of these kinds.
pub(crate) fn lower(reader: &Reader, condition: Condition, kinds: KindSet) -> Filter {
    let locate = |dn: &Dn| match reader.locate(dn) {
        Located::Found(Node::Record(id)) => Some(Named::Record(id)),
        Located::Found(Node::Permission(name)) => Some(Named::Permission(name)),
        _ => None,
    };
    let settings = reader.settings();
    Scope {
        kinds,
        suffix: &settings.suffix,
        numbering: &settings.numbering,
        locate: &locate,
    }
    .lower(condition)
}
