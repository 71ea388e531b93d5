//! Search (RFC 4511 §4.5).
//!
//! A request becomes a [`Plan`]: the reader, the lowered filter and what is returned. Running it
//! gives a [`Search`], which writes its entries a batch at a time, so that a client that reads
//! slowly holds nothing but its own results.

pub(crate) mod base;
pub mod explain;
pub(crate) mod paged;
pub(crate) mod results;
mod sending;
pub(crate) mod sort;
pub(crate) mod standing;
pub(crate) mod view;

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jackfield_gateway::{Container, Error as Gateway, Node, Order, Query, Reader, Session, Start};
use jackfield_model::{Dn, Filter, Id, Kind, KindSet};
use ldap3_proto::proto::LdapSearchScope;
use tokio::time::Instant;

use self::base::Base;
use self::paged::{Rest, Wanted};
use self::results::Results;
pub(crate) use self::sending::Turn;
use self::sort::Sort;
use self::standing::Standing;
use self::view::{List, View};
use crate::client::Client;
use crate::controls::{self, Answer, Controls};
use crate::error::{Done, ViewFailure};
use crate::filter::Condition;
use crate::filter::lower::numbers;
use crate::schema::Schema;
use crate::selection::{Selection, Shape};
use crate::synthetic::Synthetic;
use crate::wire::Frame;
use crate::wire::request::SearchRequest;
use crate::{Error, tree};

/// A search that can be run.
pub(crate) struct Plan {
    pub(crate) found: Search,
    synthetic: Vec<Synthetic>,
    records: Option<Records>,
    sort: Option<Sort>,
    view: Option<View>,
    /// What was found already, for an earlier view of the same list or at once.
    found_already: Option<Result<Results, Error>>,
    /// How many entries the client wants at the most.
    asked: usize,
    limit: usize,
}

/// Which records a search looks for.
struct Records {
    kinds: KindSet,
    only: Option<Id>,
    filter: Filter,
    start: Start,
}

/// A search whose entries are found and not all written yet.
pub(crate) struct Search {
    /// The message ID of the request.
    pub(crate) id: i32,
    since: Instant,
    /// When it ends (RFC 4511 §4.5.1.5). While the client has something to read, time stands still.
    deadline: Instant,
    /// Since when it stands still.
    rests: Option<Instant>,
    reader: Option<Reader>,
    shape: Shape,
    results: Results,
    end: Result<Done, Error>,
    /// The page that is wanted of what was found, until it is cut.
    pub(crate) page: Option<Wanted>,
    /// The list that a view is a part of, for the next view of it.
    pub(crate) list: Option<List>,
    /// The controls of the end.
    answers: Vec<Answer>,
}

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

/// Goes on with what a page left.
pub(crate) fn resume(
    client: &Client,
    id: i32,
    request: &SearchRequest<'_>,
    controls: Controls,
    rest: Rest,
) -> Result<Search, Error> {
    let reader = client.reader(&Dn::parse(request.base)?)?;
    let schema = Schema::of(&reader);
    let mut found = Plan::empty(client, id, request, schema).found;
    found.shape.values = controls.values;
    numbers::mean_in(found.shape.tests_mut(), &reader);
    found.reader = Some(reader);
    found.results = rest.results;
    found.answers = rest.answers;
    found.end = rest.end;
    Ok(found)
}

/// What makes two requests the same search: for whom it is, the request, and what beside it decides
/// what is found, in what order, and what is shown of it.
pub(crate) fn fingerprint(client: &Client, frame: &Frame) -> Bytes {
    const DECIDING: [&str; 3] = [sort::REQUEST, controls::ASSERTION, controls::MATCHED_VALUES];
    let whom = client.session.as_ref().map(Session::principal);
    let mut all = format!("{whom:?} {}:", frame.body.len()).into_bytes();
    all.extend_from_slice(&frame.body);
    let controls = frame.controls.as_deref().unwrap_or_default();
    for control in controls {
        if DECIDING.contains(&&*control.oid) {
            let value = control.value.as_deref().unwrap_or_default();
            all.extend_from_slice(format!("{}={}:", control.oid, value.len()).as_bytes());
            all.extend_from_slice(value);
        }
    }
    all.into()
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
    fn empty(client: &Client, id: i32, request: &SearchRequest<'_>, schema: Schema) -> Self {
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
                start: Start::FIRST,
            });
        }
        self.synthetic = entries;
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

    /// Looks for the entries if that takes looking at no more than `most` records. Says whether it
    /// did; [`run`](Self::run) goes on from there.
    pub(crate) fn look_at_once(&mut self, most: usize) -> bool {
        if self.found_already.is_none() {
            self.found_already = self.look(&AtomicBool::new(false), most).transpose();
        }
        self.found_already.is_some()
    }

    /// Looks for the entries. Once `cancelled`, nobody waits for them.
    pub(crate) fn run(mut self, cancelled: &AtomicBool) -> Search {
        if let Some(unsorted) = self.sort.as_ref().and_then(Sort::failure) {
            self.found.answers.push(Sort::answer(Some(unsorted)));
            if self.sort.as_ref().is_some_and(|sort| sort.critical) {
                self.found.end = Err(Error::CannotSort);
                return self.found;
            }
        }
        let found = match self.found_already.take() {
            Some(found) => found,
            None => self
                .look(cancelled, usize::MAX)
                .map(Option::unwrap_or_default),
        };
        match found {
            Ok(results) => self.deliver(results),
            Err(error) => self.found.end = Err(error),
        }
        self.found
    }

    /// What is found, in its order; no more than the limit, but for one to tell that there are.
    /// `None` if that takes looking at more than `most` records.
    fn look(&mut self, cancelled: &AtomicBool, most: usize) -> Result<Option<Results>, Error> {
        let deadline = self.found.deadline;
        let stop = || cancelled.load(Ordering::Relaxed) || Instant::now() >= deadline;
        if stop() {
            return Err(Gateway::TimeLimit.into());
        }
        let keys = self.sort.as_ref().and_then(Sort::usable);
        let page = self.found.page.as_ref();
        let page = page.filter(|page| page.place.is_some());
        let limit = page.map_or(self.limit, |page| page.size.min(self.limit));
        // What is sorted is cut afterwards.
        let limit = keys.map_or(limit.saturating_add(1), |_| usize::MAX);
        let reader = self.found.reader.as_ref();
        let mut numbers = Vec::new();
        if let (Some(records), Some(reader)) = (&self.records, reader) {
            let left = limit.saturating_sub(self.synthetic.len());
            let found = reader.search_among(&records.query(left, &stop), most);
            match found.map_err(|_| Gateway::TimeLimit)? {
                Some(found) => numbers = found.numbers,
                None => return Ok(None),
            }
        }
        let mut synthetic = std::mem::take(&mut self.synthetic);
        synthetic.truncate(limit);
        let mut results = Results::new(synthetic, numbers);
        if let (Some(keys), Some(reader)) = (keys, reader)
            && !sort::sort(&mut results, keys, reader, &stop)
        {
            return Err(Gateway::TimeLimit.into());
        }
        Ok(Some(results))
    }

    /// Leaves of the results what is wanted of them.
    fn deliver(&mut self, results: Results) {
        let keys = self.sort.as_ref().and_then(Sort::usable);
        // RFC 2891 §2: no word about the order of nothing.
        if keys.is_some() && results.len() > 0 {
            self.found.answers.push(Sort::answer(None));
        }
        self.found.results = match &self.view {
            None => results,
            Some(view) => {
                let seen = match (&self.sort, keys, &self.found.reader) {
                    (None, ..) => Err(ViewFailure::SortMissing),
                    (Some(_), Some(keys), Some(reader)) => view.of(&results, keys, reader),
                    _ => Err(ViewFailure::NotSorted),
                };
                let context = self.found.list.as_ref().map(|list| &list.context);
                self.found.answers.push(view::answer(&seen, context));
                let part = match &seen {
                    Ok((_, range)) => results.slice(range.clone()),
                    Err(failure) => {
                        self.found.end = Err((*failure).into());
                        Results::default()
                    }
                };
                if let (Some(list), Some(reader)) = (&mut self.found.list, &self.found.reader) {
                    list.results = results;
                    list.revision = reader.revision();
                }
                part
            }
        };
        if self.found.results.len() > self.limit {
            self.found.results.truncate(self.limit);
            self.found.end = Err(Error::SizeLimit);
        }
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
            start: self.start.clone(),
            limit,
            count: false,
            stop,
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
