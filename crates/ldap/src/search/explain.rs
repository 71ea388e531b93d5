//! Why a search finds what it finds, and why not what somebody expected: told by the search itself.

use jackfield_gateway::directory::{By, Used};
use jackfield_gateway::{Error as Gateway, Located, Node, Reader, Session};
use jackfield_model::{Dn, Id, KindSet, Truth};
use ldap3_proto::proto::{LdapDerefAliases, LdapSearchScope};
use serde::Serialize;

use super::base;
use super::results::Hit;
use super::standing::Standing;
use super::{Plan, Records, plan};
use crate::client::Client;
use crate::controls::Controls;
use crate::filter::{Condition, text};
use crate::schema::{Described, Family, Schema, any_attribute_type};
use crate::wire::Limits;
use crate::wire::request::{Filter, SearchRequest};
use crate::{Error, Ldap, Options, record};

/// A search, and the entry that is expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Below which entry; the tenant's own if it is not said.
    pub base: Option<&'q str>,
    /// How far.
    pub scope: Scope,
    /// The filter, as text (RFC 4515).
    pub filter: &'q str,
    /// The name of an entry.
    pub entry: Option<&'q str>,
}

/// How far a search reaches (RFC 4511 §4.5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The entry itself.
    Base,
    /// What is one below.
    One,
    /// The entry and all below.
    Sub,
    /// All below.
    Children,
}

/// What became of the search, and why.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Explanation {
    /// Who searches; empty for nobody in particular.
    pub reader: String,
    /// Below which entry.
    pub base: String,
    /// The filter as it is understood.
    pub filter: String,
    /// By what the search comes to the records that it looks at.
    pub by: &'static str,
    /// What the indexes are asked, where it is by them.
    pub indexes: Vec<Asked>,
    /// At how many records it looks at the most.
    pub candidates: usize,
    /// How many there are where it looks.
    pub records: usize,
    /// How many entries it finds.
    pub found: usize,
    /// The names of the first of them.
    pub first: Vec<String>,
    /// What is to be said of the entry that was expected.
    pub entry: Option<Expected>,
}

/// What one index is asked.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Of which attribute of the records.
    pub attribute: String,
    /// What, in the form in which values are compared.
    pub asked: String,
    /// About how many records that gives.
    pub candidates: usize,
}

/// What is to be said of an entry.
#[derive(Clone, Debug, Serialize)]
pub struct Expected {
    /// Its name.
    pub dn: String,
    /// Whether the search finds it.
    pub is_found: bool,
    /// Why, or why not.
    pub because: String,
    /// What the filter is of it, if the reader may know of it.
    pub filter: Option<Branch>,
}

/// A part of a filter, and what it is of an entry.
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    /// The part.
    pub filter: String,
    /// `true`, `false` or `undefined`.
    pub is: &'static str,
    /// Why it is not true, where it has no parts.
    pub because: Option<String>,
    /// Its parts.
    pub parts: Vec<Branch>,
}

/// So many names are told of what was found.
const FIRST: usize = 10;

/// Explains a search of one session to another, which sees everything.
///
/// # Errors
/// Those that the search would have, and that the filter cannot be read.
pub fn explain(
    session: &Session,
    operator: &Session,
    question: Question<'_>,
) -> Result<Explanation, Error> {
    let ldap = Ldap::new(session.gateway().clone(), Options::default());
    let client = Client::inside(&ldap, session.clone());
    let suffix = session.tenant().suffix().to_string();
    let octets =
        text::parse(question.filter).map_err(|error| Gateway::InvalidFilter(error.to_string()))?;
    let filter = Filter::whole(&octets, &Limits::default())?;
    let base = question.base.unwrap_or(&suffix);
    let request = SearchRequest {
        base,
        scope: question.scope.into(),
        deref_aliases: LdapDerefAliases::Never,
        size_limit: 0,
        time_limit_seconds: 0,
        types_only: false,
        filter: filter.clone(),
        attributes: Vec::new(),
    };
    let schema = base::find(&client, &Dn::parse(base)?)?.schema();
    let plan = plan(
        &client,
        &mut Standing::default(),
        0,
        &request,
        Controls::default(),
    )?;
    let expected = question.entry.map(|name| {
        let asked = Looking {
            schema: &schema,
            filter: &filter,
            plan: &plan,
        };
        asked.expected(operator, name)
    });
    let entry = expected.transpose()?;
    let mut explanation = Explanation {
        reader: session.dn().unwrap_or_default(),
        base: base.to_owned(),
        filter: text::written(&filter),
        entry,
        ..looked(&plan)
    };
    let search = plan.run(&false.into());
    search.end?;
    explanation.found = search.results.len();
    let reader = search.reader.as_ref();
    let name = |hit: Hit<'_>| match hit {
        Hit::Synthetic(entry) => Some(entry.dn().to_string()),
        Hit::Record(number) => reader.and_then(|it| it.by_number(number).map(|one| it.dn(one))),
    };
    explanation.first = search.results.iter().filter_map(name).take(FIRST).collect();
    Ok(explanation)
}

/// What the search looks at.
fn looked(plan: &Plan) -> Explanation {
    let mut explanation = Explanation {
        by: "no record is in its reach",
        ..Explanation::default()
    };
    if let (Some(records), Some(reader)) = (&plan.records, &plan.found.reader) {
        let explained = reader.explain(&records.query(plan.limit, &|| false));
        let registry = reader.registry();
        let asked = |used: Used| Asked {
            attribute: registry.path(used.attr).to_string(),
            asked: used.asked,
            candidates: used.candidates,
        };
        (explanation.by, explanation.indexes) = match explained.by {
            By::Nothing => ("nothing is asked of them", Vec::new()),
            By::All => ("no index can tell them apart", Vec::new()),
            By::Names => ("in the order of names, until there are enough", Vec::new()),
            By::One => ("it is about one record", Vec::new()),
            By::Indexes(used) => ("by indexes", used.into_iter().map(asked).collect()),
        };
        explanation.candidates = explained.candidates;
        explanation.records = explained.records;
    }
    explanation
}

/// A search that is to be explained.
struct Looking<'l> {
    schema: &'l Schema,
    filter: &'l Filter<'l>,
    plan: &'l Plan,
}

impl Looking<'_> {
    fn expected(&self, operator: &Session, name: &str) -> Result<Expected, Error> {
        let (dn, all) = (Dn::parse(name)?, operator.read()?);
        let (reader, id) = match self.seen(&all, &dn) {
            Ok(seen) => seen,
            Err(because) => {
                return Ok(Expected {
                    dn: name.to_owned(),
                    is_found: false,
                    because,
                    filter: None,
                });
            }
        };
        let filter = self.branch(reader, id, self.filter);
        let holds = filter.as_ref().is_some_and(|branch| branch.is == "true");
        let is_in_reach = self.reaches(&all, id);
        let because = match (is_in_reach, holds) {
            (true, true) => "it is in reach, and the filter is true of it",
            (true, false) => "the filter is not true of it",
            (false, true) => "it is outside the base and scope, though the filter is true of it",
            (false, false) => "it is outside the base and scope, nor is the filter true of it",
        };
        Ok(Expected {
            dn: name.to_owned(),
            is_found: holds && is_in_reach,
            because: because.to_owned(),
            filter,
        })
    }

    /// The record that a name means and who sees it, or why nobody does.
    fn seen(&self, all: &Reader, dn: &Dn) -> Result<(&Reader, Id), String> {
        let id = match all.locate(dn) {
            Located::Found(Node::Record(id)) => id,
            Located::Found(_) => {
                return Err("it is a branch or computed: only records are explained".to_owned());
            }
            Located::Missing { matched } => {
                let above = all.node_dn(&matched);
                return Err(format!(
                    "there is no such entry; the nearest above is {above}"
                ));
            }
            Located::Outside => return Err("it is outside the tenant's tree".to_owned()),
        };
        let reader = self.plan.found.reader.as_ref();
        let seeing = reader.filter(|reader| reader.entry(id).is_some());
        let seen = seeing.map(|reader| (reader, id));
        seen.ok_or_else(|| hidden(all, reader, id))
    }

    fn reaches(&self, all: &Reader, id: Id) -> bool {
        let kind = all.entry(id).map(|entry| entry.record().kind);
        let is_meant = |records: &Records| {
            kind.is_some_and(|kind| records.kinds.contains(kind))
                && records.only.is_none_or(|only| only == id)
        };
        self.plan.records.as_ref().is_some_and(is_meant)
    }

    /// What a part of the filter is of a record, found as the search finds it.
    fn branch(&self, reader: &Reader, id: Id, filter: &Filter<'_>) -> Option<Branch> {
        let kind = reader.entry(id)?.record().kind;
        let condition = Condition::compile(self.schema, filter).ok()?;
        let lowered = base::lower(reader, condition.clone(), KindSet::of(&[kind]));
        let truth = reader.truth(&lowered, id)?;
        let parts: &[Filter<'_>] = match filter {
            Filter::And(parts) | Filter::Or(parts) => parts,
            Filter::Not(part) => std::slice::from_ref(part),
            _ => &[],
        };
        let is_item = !matches!(filter, Filter::And(_) | Filter::Or(_) | Filter::Not(_));
        let because = match truth {
            Truth::True => None,
            _ if !is_item => None,
            truth => Some(self.because(reader, id, filter, truth)),
        };
        let parts = parts
            .iter()
            .filter_map(|part| self.branch(reader, id, part));
        Some(Branch {
            filter: text::written(filter),
            is: match truth {
                Truth::True => "true",
                Truth::False => "false",
                Truth::Undefined => "undefined",
            },
            because,
            parts: parts.collect(),
        })
    }

    fn because(&self, reader: &Reader, id: Id, filter: &Filter<'_>, truth: Truth) -> String {
        let Some(name) = attribute_of(filter) else {
            return "there is no such matching rule for its attributes".to_owned();
        };
        let attribute = match self.schema.described(name) {
            Described::Plain(attribute) => attribute,
            Described::InLanguage(_) => return "no value has a language".to_owned(),
            Described::Unknown => {
                return match any_attribute_type(name).map(|it| it.family) {
                    None => format!("there is no attribute {name}"),
                    Some(Family::Secret) => format!("this reader is not told {name}"),
                    Some(_) => format!("{name} is not in this reader's views"),
                };
            }
        };
        let condition = Condition::compile(self.schema, filter);
        if condition == Ok(Condition::Const(Truth::Undefined)) {
            return format!("{name} can have no such value, or is not compared so");
        }
        let entry = reader.entry(id);
        let kind = entry.map(|entry| entry.record().kind);
        let has_source = |(kinds, _): &(KindSet, _)| kind.is_some_and(|it| kinds.contains(it));
        if !attribute.sources.iter().any(has_source) {
            return format!("entries of its kind have no {name}");
        }
        if truth == Truth::Undefined {
            return format!("{name} may not be read");
        }
        let mut values = Vec::new();
        if let Some(entry) = entry {
            record::texts(reader, entry, attribute, &mut |text| values.push(text));
        }
        match values.len() {
            0 => format!("it has no {name}"),
            1..=5 => format!("its {name}: {}", values.join(", ")),
            many => format!("none of its {many} values of {name} is like that"),
        }
    }
}

/// Why the reader does not see an entry that is there.
fn hidden(all: &Reader, reader: Option<&Reader>, id: Id) -> String {
    let Some(entry) = all.entry(id) else {
        return "it is gone".to_owned();
    };
    let kind = entry.record().kind;
    match reader {
        Some(reader) if reader.sees_kinds().contains(kind) => {
            "it is inactive, and the reader sees those who are active".to_owned()
        }
        _ => format!(
            "the reader does not see entries of its kind, {}",
            kind.name()
        ),
    }
}

fn attribute_of<'f>(filter: &Filter<'f>) -> Option<&'f str> {
    match filter {
        Filter::Equality(item)
        | Filter::Approx(item)
        | Filter::GreaterOrEqual(item)
        | Filter::LessOrEqual(item) => Some(item.attribute),
        Filter::Present(attribute) | Filter::Substrings { attribute, .. } => Some(attribute),
        Filter::Extensible { attribute, .. } => *attribute,
        Filter::And(_) | Filter::Or(_) | Filter::Not(_) | Filter::Unknown(_) => None,
    }
}

impl From<Scope> for LdapSearchScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Base => Self::Base,
            Scope::One => Self::OneLevel,
            Scope::Sub => Self::Subtree,
            Scope::Children => Self::Children,
        }
    }
}
