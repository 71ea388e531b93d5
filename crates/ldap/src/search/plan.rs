//! What a search looks for, and where.

use jackfield_gateway::{Container, Node, Reader, Start};
use jackfield_model::{Dn, Id, Kind, KindSet};
use ldap3_proto::proto::LdapSearchScope;
use tokio::time::Instant;

use super::base::{self, Base};
use super::paged::Wanted;
use super::results::Results;
use super::standing::Standing;
use super::view::List;
use super::{Plan, Records, Search};
use crate::client::Client;
use crate::controls::Controls;
use crate::error::Done;
use crate::filter::Condition;
use crate::filter::lower::numbers;
use crate::schema::Schema;
use crate::selection::{Selection, Shape};
use crate::synthetic::Synthetic;
use crate::wire::request::SearchRequest;
use crate::{Error, tree};

/// Plans a search.
pub(crate) fn plan(
    client: &Client,
    standing: &mut Standing,
    id: i32,
    request: &SearchRequest<'_>,
    controls: Controls,
) -> Result<Plan, Error> {
    // RFC 4512 §5.1: the root DSE is no part of what is below it. What is, is the tenant.
    let at_root = request.base.trim().is_empty() && request.scope != LdapSearchScope::Base;
    let base = if at_root {
        Base::Tree(client.reader(&Dn::default())?, Node::Suffix)
    } else {
        standing.base(client, request.base)?
    };
    base.assert(controls.assertion.as_ref())?;
    let schema = base.schema();
    let condition = Condition::compile(&schema, &request.filter)?;
    let mut plan = Plan::empty(client, id, request, schema);
    plan.sort = controls.sort;
    plan.view = controls.view;
    plan.found.shape.values = controls.values;
    match base {
        Base::Alone(entry, _) => {
            let is_meant = matches!(
                request.scope,
                LdapSearchScope::Base | LdapSearchScope::Subtree
            );
            if is_meant && entry.matches(&condition, None).holds() {
                plan.synthetic = vec![entry];
            }
        }
        Base::Tree(reader, node) => {
            numbers::mean_in(plan.found.shape.tests_mut(), &reader);
            let depth = match (at_root, &request.scope) {
                (true, LdapSearchScope::OneLevel) => Depth::Base,
                (true, _) => Depth::Subtree,
                (false, scope) => Depth::from(scope),
            };
            plan.enter(reader, &node, depth, condition);
        }
    }
    Ok(plan)
}

impl Plan {
    /// One that finds nothing yet.
    pub(super) fn empty(
        client: &Client,
        id: i32,
        request: &SearchRequest<'_>,
        schema: Schema,
    ) -> Self {
        let options = &client.ldap.options;
        let now = Instant::now();
        let asked = usize::try_from(request.size_limit)
            .ok()
            .filter(|limit| *limit > 0);
        Self {
            found: Search {
                id,
                since: now,
                deadline: now + options.search_time(request.time_limit_seconds),
                rests: None,
                reader: None,
                shape: Shape {
                    types_only: request.types_only,
                    ..Shape::of(Selection::resolve(schema, &request.attributes))
                },
                results: Results::default(),
                end: Ok(Done::Success),
                page: None,
                list: None,
                answers: Vec::new(),
            },
            synthetic: Vec::new(),
            records: None,
            sort: None,
            view: None,
            found_already: None,
            asked: asked.unwrap_or(usize::MAX),
            limit: asked.map_or(options.max_entries, |asked| asked.min(options.max_entries)),
        }
    }

    /// Takes in what of the tree is in scope.
    fn enter(&mut self, reader: Reader, node: &Node, depth: Depth, condition: Condition) {
        let within = Within::of(&reader, node, depth, &condition);
        self.synthetic = within.synthetic;
        if !within.kinds.is_empty() {
            self.records = Some(Records {
                kinds: within.kinds,
                only: within.only,
                filter: base::lower(&reader, condition, within.kinds),
                start: Start::FIRST,
            });
        }
        self.found.reader = Some(reader);
    }

    /// Gives the results in pages, of which this one is wanted: the server's own limit is then one
    /// for each page.
    pub(crate) fn in_pages(&mut self, wanted: Wanted) {
        self.limit = self.asked;
        if let Some(place) = &wanted.place {
            self.limit = self.asked.saturating_sub(place.given);
            let given = place.synthetic.min(self.synthetic.len());
            self.synthetic.drain(..given);
            if let Some(records) = &mut self.records {
                records.start = place.start();
            }
        }
        self.found.page = Some(wanted);
    }

    /// Takes up the list of an earlier view, if it is still what this search would find.
    pub(crate) fn take_up(&mut self, list: List) {
        let revision = self.found.reader.as_ref().map(Reader::revision);
        if revision == Some(list.revision) {
            self.found_already = Some(Ok(list.results));
        }
    }
}

/// What of the tree is in scope.
#[derive(Default)]
struct Within {
    /// The entries without a record that the condition is true of.
    synthetic: Vec<Synthetic>,
    /// The kinds of record, none if no record is.
    kinds: KindSet,
    /// The one record, if it is no other.
    only: Option<Id>,
}

impl Within {
    fn of(reader: &Reader, node: &Node, depth: Depth, condition: &Condition) -> Self {
        let mut within = Self::default();
        let entries = &mut within.synthetic;
        let itself = matches!(depth, Depth::Base | Depth::Subtree);
        if itself {
            entries.extend(tree::matching(reader, node, condition));
        }
        let below = depth != Depth::Base;
        let all_below = matches!(depth, Depth::Subtree | Depth::Children);
        match node {
            Node::Suffix => {
                if below {
                    entries.extend(tree::branches(reader, condition));
                }
                if all_below {
                    entries.extend(tree::permission_groups(reader, condition));
                    within.kinds = reader.sees_kinds().intersection(IN_TREE);
                }
            }
            Node::Container(Container::Permissions) if below => {
                entries.extend(tree::permission_groups(reader, condition));
            }
            Node::Container(container) if below => {
                within.kinds = reader.sees_kinds().intersection(container.kinds());
            }
            Node::Record(id) if itself => {
                within.kinds = KindSet::ALL;
                within.only = Some(*id);
            }
            Node::Container(_) | Node::Permission(_) | Node::Record(_) => {}
        }
        within
    }
}

/// How far a search reaches below its base (RFC 4511 §4.5.1.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Base,
    OneLevel,
    Subtree,
    Children,
}

impl From<&LdapSearchScope> for Depth {
    fn from(scope: &LdapSearchScope) -> Self {
        match scope {
            LdapSearchScope::Base => Self::Base,
            LdapSearchScope::OneLevel => Self::OneLevel,
            LdapSearchScope::Subtree => Self::Subtree,
            LdapSearchScope::Children => Self::Children,
        }
    }
}

/// The kinds of record that stand in the tree.
const IN_TREE: KindSet = KindSet::of(&[
    Kind::User,
    Kind::Group,
    Kind::Role,
    Kind::Extension,
    Kind::Desk,
    Kind::Contact,
    Kind::Service,
    Kind::Device,
]);
