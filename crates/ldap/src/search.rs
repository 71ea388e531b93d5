//! Search (RFC 4511 §4.5).
//!
//! A request becomes a [`Plan`]: the reader, the lowered filter and what is returned. Running it
//! gives a [`Search`], which writes its entries a batch at a time, so that a client that reads
//! slowly holds nothing but its own results.

pub(crate) mod base;
pub(crate) mod paged;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::vec;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::{Container, Error as Gateway, Node, Order, Query, Reader};
use jackfield_model::{Dn, Filter, Id, Kind, KindSet};
use ldap3_proto::proto::LdapSearchScope;
use tokio::time::Instant;

use self::base::Base;
use self::paged::{Rest, Wanted};
use crate::client::Client;
use crate::error::Done;
use crate::filter::Condition;
use crate::selection::Selection;
use crate::synthetic::Synthetic;
use crate::wire::request::SearchRequest;
use crate::wire::{ResponseOp, response};
use crate::{Error, record, tree};

/// A search that can be run.
pub(crate) struct Plan {
    pub(crate) found: Search,
    records: Option<Records>,
    limit: usize,
    deadline: Instant,
}

/// Which records a search looks for.
struct Records {
    kinds: KindSet,
    only: Option<Id>,
    filter: Filter,
}

/// A search whose entries are found and not all written yet.
pub(crate) struct Search {
    /// The message ID of the request.
    pub(crate) id: i32,
    reader: Option<Reader>,
    selection: Selection,
    types_only: bool,
    synthetic: vec::IntoIter<Synthetic>,
    numbers: vec::IntoIter<u32>,
    end: Result<Done, Error>,
    /// The page that is wanted of what was found, until it is cut.
    pub(crate) page: Option<Wanted>,
    /// What the next page is to be had for; empty after the last page, none without pages.
    cookie: Option<Bytes>,
}

/// Plans a search.
pub(crate) fn plan(client: &Client, id: i32, request: &SearchRequest<'_>) -> Result<Plan, Error> {
    let dn = Dn::parse(request.base)?;
    let condition = Condition::compile(&request.filter);
    let mut plan = Plan::empty(client, id, request);
    // RFC 4512 §5.1: the root DSE is no part of what is below it. What is, is the tenant.
    let at_root = dn.is_root() && request.scope != LdapSearchScope::Base;
    let base = if at_root {
        Base::Tree(client.reader(&dn)?, Node::Suffix)
    } else {
        base::find(client, &dn)?
    };
    match base {
        Base::Alone(entry) => {
            let is_meant = matches!(
                request.scope,
                LdapSearchScope::Base | LdapSearchScope::Subtree
            );
            if is_meant && entry.matches(&condition, None).holds() {
                plan.found.synthetic = vec![entry].into_iter();
            }
        }
        Base::Tree(reader, node) => {
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

/// Goes on with what a page left.
pub(crate) fn resume(
    client: &Client,
    id: i32,
    request: &SearchRequest<'_>,
    rest: Rest,
) -> Result<Search, Error> {
    let reader = client.reader(&Dn::parse(request.base)?)?;
    let mut found = Plan::empty(client, id, request).found;
    found.reader = Some(reader);
    found.synthetic = rest.synthetic.into_iter();
    found.numbers = rest.numbers.into_iter();
    found.end = rest.end;
    Ok(found)
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

impl Plan {
    fn empty(client: &Client, id: i32, request: &SearchRequest<'_>) -> Self {
        let options = &client.ldap.options;
        let asked = usize::try_from(request.size_limit)
            .ok()
            .filter(|limit| *limit > 0);
        let seconds = Some(request.time_limit_seconds).filter(|seconds| *seconds > 0);
        let time = seconds.map_or(options.max_search_time, |seconds| {
            options
                .max_search_time
                .min(Duration::from_secs(seconds.into()))
        });
        Self {
            found: Search {
                id,
                reader: None,
                selection: Selection::resolve(&request.attributes),
                types_only: request.types_only,
                synthetic: Vec::new().into_iter(),
                numbers: Vec::new().into_iter(),
                end: Ok(Done::Success),
                page: None,
                cookie: None,
            },
            records: None,
            limit: asked.map_or(options.max_entries, |asked| asked.min(options.max_entries)),
            deadline: Instant::now() + time,
        }
    }

    /// Takes in what of the tree is in scope.
    fn enter(&mut self, reader: Reader, node: &Node, depth: Depth, condition: Condition) {
        let mut entries = Vec::new();
        let itself = matches!(depth, Depth::Base | Depth::Subtree);
        if itself {
            entries.extend(tree::matching(&reader, node, &condition));
        }
        let below = depth != Depth::Base;
        let all_below = matches!(depth, Depth::Subtree | Depth::Children);
        let mut kinds = KindSet::NONE;
        let mut only = None;
        match node {
            Node::Suffix => {
                if below {
                    entries.extend(tree::branches(&reader, &condition));
                }
                if all_below {
                    entries.extend(tree::permission_groups(&reader, &condition));
                    kinds = reader.sees_kinds().intersection(IN_TREE);
                }
            }
            Node::Container(Container::Permissions) if below => {
                entries.extend(tree::permission_groups(&reader, &condition));
            }
            Node::Container(container) if below => {
                kinds = reader.sees_kinds().intersection(container.kinds());
            }
            Node::Record(id) if itself => {
                kinds = KindSet::ALL;
                only = Some(*id);
            }
            Node::Container(_) | Node::Permission(_) | Node::Record(_) => {}
        }
        if !kinds.is_empty() {
            let filter = base::lower(&reader, condition, kinds);
            self.records = Some(Records {
                kinds,
                only,
                filter,
            });
        }
        self.found.synthetic = entries.into_iter();
        self.found.reader = Some(reader);
    }

    /// Whether it looks at `many` records or more.
    pub(crate) fn is_long(&self, many: usize) -> bool {
        match (&self.records, &self.found.reader) {
            (Some(records), Some(reader)) => reader.cost(&records.query(0, &|| false)) >= many,
            _ => false,
        }
    }

    /// Looks for the entries. Once `cancelled`, nobody waits for them.
    pub(crate) fn run(mut self, cancelled: &AtomicBool) -> Search {
        let first = self.found.synthetic.len();
        let left = self.limit.saturating_sub(first);
        let mut total = first;
        if let (Some(records), Some(reader)) = (&self.records, &self.found.reader) {
            let stop = || cancelled.load(Ordering::Relaxed) || Instant::now() >= self.deadline;
            match reader.search(&records.query(left, &stop)) {
                Ok(found) => {
                    total += found.total;
                    self.found.numbers = found.numbers.into_iter();
                }
                Err(_) => self.found.end = Err(Gateway::TimeLimit.into()),
            }
        }
        if total > self.limit {
            let mut entries: Vec<_> = self.found.synthetic.collect();
            entries.truncate(self.limit);
            self.found.synthetic = entries.into_iter();
            self.found.end = Err(Error::SizeLimit);
        }
        self.found
    }
}

impl Records {
    /// In the order of names, since phones cut off first and sort after.
    fn query<'q>(&'q self, limit: usize, stop: &'q (dyn Fn() -> bool + Sync)) -> Query<'q> {
        Query {
            kinds: self.kinds,
            only: self.only,
            filter: &self.filter,
            order: Order::Name,
            offset: 0,
            limit,
            count: false,
            stop,
        }
    }
}

impl Search {
    /// Writes entries until `out` has `mark` octets or nothing is left, and then the end. Says
    /// whether that was all.
    pub(crate) fn write(&mut self, out: &mut BytesMut, mark: usize) -> bool {
        let reader = self.reader.as_ref();
        while out.len() < mark {
            if let Some(entry) = self.synthetic.next() {
                entry.write(out, self.id, reader, &self.selection, self.types_only);
                continue;
            }
            let (Some(number), Some(reader)) = (self.numbers.next(), reader) else {
                self.write_end(out);
                return true;
            };
            if let Some(entry) = reader.by_number(number) {
                record::write(
                    out,
                    self.id,
                    reader,
                    entry,
                    &self.selection,
                    self.types_only,
                );
            }
        }
        false
    }

    fn write_end(&self, out: &mut BytesMut) {
        let op = ResponseOp::SearchDone;
        paged::with_control(self.cookie.as_ref(), |controls| match &self.end {
            Ok(done) => response::result(out, self.id, op, done.outcome(), controls),
            Err(error) => error.with_outcome(|outcome| {
                response::result(out, self.id, op, outcome, controls);
            }),
        });
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
