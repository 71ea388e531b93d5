//! What an operation is about: the entry that its name means.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use jackfield_gateway::{Error as Gateway, Located, Node, Order, Query, Reader, Start};
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Filter, Id, Kind, KindSet};

use crate::Error;
use crate::client::Client;
use crate::filter::lower::Towards;
use crate::filter::{Condition, Named, Scope, Test, fixed};
use crate::schema::Schema;
use crate::schema::sid::Domain;
use crate::synthetic::Synthetic;
use crate::{root_dse, subschema, tree};

/// The entry that a name means.
pub(crate) enum Base {
    /// One that stands by itself and that anybody may read: the root DSE or the subschema; and what
    /// its attributes are called.
    Alone(Synthetic, Schema),
    /// One in a tenant's tree.
    Tree(Reader, Node),
}

impl Base {
    /// What the entry's attributes are called.
    pub(crate) fn schema(&self) -> Schema {
        match self {
            Self::Alone(_, schema) => schema.clone(),
            Self::Tree(reader, _) => Schema::of(reader),
        }
    }
}

/// Finds the entry.
///
/// # Errors
/// [`Error::NoSuchEntry`], or that the client may read nothing at all.
pub(crate) fn find(client: &Client, dn: &Dn) -> Result<Base, Error> {
    if dn.is_root() {
        let schema = client.schema();
        return Ok(Base::Alone(root_dse::entry(client, &schema), schema));
    }
    if *dn == *subschema::DN {
        let schema = client.schema();
        return Ok(Base::Alone(subschema::entry(&schema), schema));
    }
    let reader = client.reader(dn)?;
    let node = locate(&reader, dn)?;
    Ok(Base::Tree(reader, node))
}

impl Base {
    /// Whether the entry satisfies the condition.
    ///
    /// # Errors
    /// That it took too long to tell.
    pub(crate) fn satisfies(&self, condition: Condition) -> Result<bool, Error> {
        match self {
            Self::Alone(entry, _) => Ok(entry.matches(&condition, None).holds()),
            Self::Tree(reader, Node::Record(id)) => holds(reader, *id, condition),
            Self::Tree(reader, node) => {
                let entry = tree::at(reader, node);
                Ok(entry.is_some_and(|entry| entry.matches(&condition, Some(reader)).holds()))
            }
        }
    }

    /// Refuses an operation whose assertion does not hold (RFC 4528 §3).
    ///
    /// # Errors
    /// [`Error::AssertionFailed`].
    pub(crate) fn assert(&self, assertion: Option<&Condition>) -> Result<(), Error> {
        match assertion {
            Some(condition) if !self.satisfies(condition.clone())? => Err(Error::AssertionFailed),
            _ => Ok(()),
        }
    }
}

fn holds(reader: &Reader, id: Id, condition: Condition) -> Result<bool, Error> {
    let filter = lower(reader, condition, KindSet::ALL);
    let query = Query {
        kinds: KindSet::ALL,
        only: Some(id),
        filter: &filter,
        order: Order::Number,
        start: Start::FIRST,
        limit: 1,
        count: false,
        stop: &|| false,
    };
    let found = reader.search(&query).map_err(|_| Gateway::TimeLimit)?;
    Ok(found.total > 0)
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
    let chain = |id: Id, towards| chain(reader, id, towards);
    let registered = |name: &'static str, test: &Test| {
        reader.registered_where(|told| {
            told.get(name)
                .is_some_and(|value| fixed::satisfies(test, value))
        })
    };
    Scope {
        kinds,
        views: reader.views(),
        domain: Domain::of(reader.tenant()),
        suffix: &settings.suffix,
        numbering: &settings.numbering,
        outside: reader.outside_line(),
        number: RefCell::default(),
        locate: &locate,
        chain: &chain,
        registered: &registered,
        told_accounts: reader.is_told_sip_secrets().then_some(&settings.sip),
    }
    .lower(condition)
}

/// The groups of a chain of memberships that begins at a record.
fn chain(reader: &Reader, from: Id, towards: Towards) -> Vec<Id> {
    let (attr, mut found) = match towards {
        Towards::Groups => (attr::GROUPS, BTreeSet::new()),
        Towards::Members => (attr::HOLDERS, BTreeSet::from([from])),
    };
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        let Some(entry) = reader.entry(id) else {
            continue;
        };
        let _ = entry.references(attr, &mut |other| {
            let record = other.record();
            let is_group = matches!(record.kind, Kind::Group | Kind::Role);
            if is_group && found.insert(record.id) {
                next.push(record.id);
            }
            ControlFlow::Continue(())
        });
    }
    found.into_iter().collect()
}
