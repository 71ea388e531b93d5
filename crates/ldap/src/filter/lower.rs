//! From a condition to the filter of the directory, over records.

mod alternatives;
pub(crate) mod numbers;
mod references;
mod umlauts;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use jackfield_gateway::Container;
use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, CredentialKind, Dialled, Dn, Filter, Id, Kind, KindSet, MatchingRule, Numbering, Sip,
    Truth, ViewSet,
};
use uuid::Uuid;

use super::{Condition, Item, Test, fixed};
use crate::record::account_control;
use crate::schema::classes::{common_classes_of, is_of_accounts, kinds_with, structural_of};
use crate::schema::sid::Domain;
use crate::schema::{ObjectClass, SecretForm, Source, Typed, all_classes};
use crate::subschema;

/// What a lowered filter is about.
pub(crate) struct Scope<'a> {
    /// The kinds of record that are searched.
    pub(crate) kinds: KindSet,
    /// The views that records are seen by.
    pub(crate) views: ViewSet,
    /// What the tenant's security identifiers have in common.
    pub(crate) domain: Domain,
    /// Where the tenant's tree hangs.
    pub(crate) suffix: &'a Dn,
    /// How telephone numbers are dialled there.
    pub(crate) numbering: &'a Arc<Numbering>,
    /// The digits that the client is shown before what is no extension.
    pub(crate) outside: &'a str,
    /// The number that was asked for last, and what it means: clients ask for one in several
    /// attributes.
    pub(crate) number: RefCell<Option<(Assertion, Arc<Dialled>)>>,
    /// What a name means, if it means something that the client may know of.
    pub(crate) locate: &'a dyn Fn(&Dn) -> Option<Named>,
    /// Every group that has this record as a member, or a group that does in turn; or, downwards,
    /// this group and every group that is a member of it, or of one that is in turn.
    pub(crate) chain: &'a dyn Fn(Id, Towards) -> Vec<Id>,
    /// The records of which something was told under this name that satisfies the test; `None` if
    /// the client may not know.
    pub(crate) registered: &'a dyn Fn(&'static str, &Test) -> Option<Vec<Id>>,
    /// What the tenant's SIP accounts have in common, if the client is told their secrets.
    pub(crate) told_accounts: Option<&'a Sip>,
}

/// Which way a chain of groups goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Towards {
    /// From a member to the groups it is in.
    Groups,
    /// From a group to its members.
    Members,
}

/// What a name in an assertion can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A record.
    Record(Id),
    /// The computed group of a permission.
    Permission(String),
}

impl Scope<'_> {
    /// The condition as a filter over the records of this scope.
    pub(crate) fn lower(&self, condition: Condition) -> Filter {
        match condition {
            Condition::Const(truth) => Filter::Const(truth),
            Condition::And(parts) => Filter::And(self.lower_all(parts)),
            Condition::Or(parts) => Filter::Or(alternatives::joined(self.lower_all(parts))),
            Condition::Not(part) => Filter::Not(Box::new(self.lower(*part))),
            Condition::Item(item) => self.item(&item),
            Condition::DnItem(item) => self.dn_item(&item),
        }
    }

    fn lower_all(&self, parts: Vec<Condition>) -> Vec<Filter> {
        parts.into_iter().map(|part| self.lower(part)).collect()
    }

    /// Each source by itself, for the kinds it is for. An attribute that no kind has is False.
    fn item(&self, item: &Item) -> Filter {
        let mut filters = Vec::new();
        for (kinds, source) in item.attribute.sources {
            let kinds = self.kinds.intersection(*kinds);
            if kinds.is_empty() {
                continue;
            }
            let filter = self.source(*source, &item.test);
            filters.push(if kinds == self.kinds {
                filter
            } else {
                Filter::And(vec![Filter::Kind(kinds), filter])
            });
        }
        match (filters.len(), filters.pop()) {
            (_, None) => Filter::Const(Truth::False),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                filters.push(last);
                Filter::Or(filters)
            }
        }
    }

    fn source(&self, source: Source, test: &Test) -> Filter {
        match source {
            Source::Leaf(attr) => umlauts::also(leaf(attr, &self.dialled(test))),
            Source::NumberAsName => leaf(attr::EXTENSION_NUMBER, test),
            Source::CommonNameWithout(own) => Filter::And(vec![
                Filter::Not(Box::new(Filter::Present(own))),
                umlauts::also(leaf(attr::COMMON_NAME, test)),
            ]),
            Source::Typed(typed) => of_type(typed, &self.dialled(test)),
            Source::References { attr, ids } => self.reference(attr, ids, test),
            Source::Registration(name) => match (self.registered)(name, test) {
                None => Filter::Const(Truth::Undefined),
                Some(ids) => Filter::Or(ids.into_iter().map(is_id).collect()),
            },
            Source::SipSecret(form) => self.secret(form, test),
            Source::Account(source) => {
                Filter::And(vec![self.source(*source, test), self.is_account()])
            }
            Source::Permissions => leaf(attr::PERMISSIONS, test),
            Source::Created | Source::WhenCreated => time(attr::META_CREATED, test),
            Source::Modified | Source::WhenChanged => time(attr::META_LAST_MODIFIED, test),
            Source::Uuid => match test {
                Test::Present => Filter::Const(Truth::True),
                test => leaf(attr::ID, test),
            },
            Source::EntryDn => match test {
                Test::Dn(dn) => is_record((self.locate)(dn).as_ref()),
                test => everywhere(test, |_| false),
            },
            Source::ObjectClass => self.class(test),
            Source::StructuralClass => of_class(test, |class| {
                let own = Kind::ALL
                    .into_iter()
                    .filter(|k| structural_of(common_classes_of(*k)) == class.name);
                own.fold(KindSet::NONE, |kinds, kind| {
                    kinds.union(KindSet::of(&[kind]))
                })
            }),
            Source::Subschema => everywhere(
                test,
                |test| matches!(test, Test::Dn(dn) if *dn == *subschema::DN),
            ),
            Source::Constant(value) => everywhere(test, |test| fixed::satisfies(test, value)),
            Source::Composed(template) => match test {
                Test::Match(rule, assertion) => {
                    Filter::Composed(template, *rule, assertion.clone())
                }
                // No pieces are in any text that there is.
                Test::Present => {
                    let any = Assertion::Substring(Substring::default());
                    Filter::Composed(template, MatchingRule::CaseExact, any)
                }
                Test::Dn(_) | Test::Chain(_) | Test::Oid(_) => Filter::Const(Truth::Undefined),
            },
            Source::MemberLogins => self.member_login(test),
            Source::Guid => guid(test),
            Source::Sid => self.sid(test),
            Source::Category(category) => everywhere(
                test,
                |test| matches!(test, Test::Dn(dn) if category.is_meant(dn, self.suffix)),
            ),
            Source::AccountControl => {
                active(|is_active| fixed::satisfies(test, &account_control(is_active).to_string()))
            }
        }
    }

    /// Whether there is a secret.
    fn is_account(&self) -> Filter {
        match self.told_accounts {
            Some(_) => Filter::Credential(CredentialKind::Sip),
            None => Filter::Const(Truth::Undefined),
        }
    }

    /// Whether there is a secret that can be shown in this form; what it is cannot be asked.
    fn secret(&self, form: SecretForm, test: &Test) -> Filter {
        match (test, self.told_accounts) {
            (Test::Present, Some(sip)) if form.is_shown(sip) => self.is_account(),
            (Test::Present, Some(_)) => Filter::Const(Truth::False),
            _ => Filter::Const(Truth::Undefined),
        }
    }

    /// Whether it is among the object classes. Everybody may read those, and knows of no account
    /// whose secret is not told.
    fn class(&self, test: &Test) -> Filter {
        let filter = of_class(test, |class| kinds_with(class, self.views));
        match test {
            Test::Oid(oid) if is_of_accounts(oid) && self.told_accounts.is_some() => {
                Filter::And(vec![filter, self.is_account()])
            }
            Test::Oid(oid) if is_of_accounts(oid) => Filter::Kind(KindSet::NONE),
            _ => filter,
        }
    }

    fn sid(&self, test: &Test) -> Filter {
        match test {
            Test::Present => Filter::Present(attr::NUMBER),
            Test::Match(_, Assertion::Equal(Key::Bytes(asserted))) => {
                let number = self.domain.number(asserted).map(|number| number.0.into());
                // No record has a number below 0.
                let key = Key::Int(number.unwrap_or(-1));
                Filter::equal(attr::NUMBER, MatchingRule::Integer, key)
            }
            _ => Filter::Const(Truth::Undefined),
        }
    }

    /// A telephone number is meant in any form in which it is dialled.
    fn dialled<'t>(&self, test: &'t Test) -> Cow<'t, Test> {
        let Test::Match(MatchingRule::Telephone, typed) = test else {
            return Cow::Borrowed(test);
        };
        let mut last = self.number.borrow_mut();
        let number = match &*last {
            Some((last, number)) if last == typed => Arc::clone(number),
            _ => match numbers::meant(self.numbering, self.outside, typed) {
                Some(number) => Arc::new(number),
                None => return Cow::Borrowed(test),
            },
        };
        let assertion = Assertion::Dialled(Arc::clone(&number));
        *last = Some((typed.clone(), number));
        Cow::Owned(Test::Match(MatchingRule::Telephone, assertion))
    }

    /// What stands in the names of all records of a branch; their own RDNs are among their
    /// attributes.
    fn dn_item(&self, item: &Item) -> Filter {
        if fixed::in_name(item, self.suffix) {
            return Filter::Const(Truth::True);
        }
        let named = |container: &&Container| {
            item.attribute.name() == "ou" && fixed::satisfies(&item.test, container.ou())
        };
        let named = Container::ALL.iter().filter(named);
        Filter::Kind(named.fold(KindSet::NONE, |kinds, container| {
            kinds.union(container.kinds())
        }))
    }
}

fn leaf(attr: AttrId, test: &Test) -> Filter {
    match test {
        Test::Present => Filter::Present(attr),
        Test::Match(rule, assertion) => Filter::Match(attr, *rule, assertion.clone()),
        Test::Dn(_) | Test::Chain(_) | Test::Oid(_) => Filter::Const(Truth::Undefined),
    }
}

/// One element has the type and satisfies the test.
fn of_type(typed: Typed, test: &Test) -> Filter {
    let kind = Key::Text(typed.kind.into());
    let mut of_type = Filter::equal(typed.ty, MatchingRule::CaseIgnore, kind);
    if typed.or_untyped {
        let untyped = Filter::Not(Box::new(Filter::Present(typed.ty)));
        of_type = Filter::Or(vec![of_type, untyped]);
    }
    let inner = Filter::And(vec![of_type, leaf(typed.value, test)]);
    Filter::Element(typed.attr, Box::new(inner))
}

/// Times are shown to the second, so a second is what is asked for.
fn time(attr: AttrId, test: &Test) -> Filter {
    let Test::Match(rule, assertion) = test else {
        return leaf(attr, test);
    };
    let filter = |assertion| Filter::Match(attr, *rule, assertion);
    match assertion {
        Assertion::Equal(Key::Time(at)) => Filter::And(vec![
            filter(Assertion::GreaterOrEqual(Key::Time(*at))),
            filter(Assertion::Less(Key::Time(at.plus_seconds(1)))),
        ]),
        Assertion::LessOrEqual(Key::Time(at)) => {
            filter(Assertion::Less(Key::Time(at.plus_seconds(1))))
        }
        other => filter(other.clone()),
    }
}

/// By the octets of Active Directory, or by the text of a UUID.
fn guid(test: &Test) -> Filter {
    match test {
        Test::Present => Filter::Const(Truth::True),
        Test::Match(_, Assertion::Equal(Key::Bytes(asserted))) => {
            let octets = asserted
                .first_chunk::<16>()
                .filter(|_| asserted.len() == 16);
            let id = octets.map(|octets| Id(Uuid::from_bytes_le(*octets)));
            let written = || str::from_utf8(asserted).ok().and_then(Id::parse);
            is_id(id.or_else(written).unwrap_or(Id(Uuid::nil())))
        }
        _ => Filter::Const(Truth::Undefined),
    }
}

/// What holds for those who may log in, and what for those who may not.
fn active(holds: impl Fn(bool) -> bool) -> Filter {
    let no = Key::Bool(false);
    let inactive = Filter::equal(attr::ACTIVE, MatchingRule::Boolean, no);
    let active = Filter::Not(Box::new(inactive.clone()));
    // Undefined where it may not be read.
    match (holds(true), holds(false)) {
        (true, true) => Filter::Or(vec![active, inactive]),
        (true, false) => active,
        (false, true) => inactive,
        (false, false) => Filter::And(vec![active, inactive]),
    }
}

fn is_id(id: Id) -> Filter {
    Filter::equal(attr::ID, MatchingRule::Id, Key::Id(id))
}

fn is_record(named: Option<&Named>) -> Filter {
    match named {
        Some(Named::Record(id)) => is_id(*id),
        Some(Named::Permission(_)) | None => Filter::Const(Truth::False),
    }
}

fn of_class(test: &Test, kinds: impl Fn(&'static ObjectClass) -> KindSet) -> Filter {
    match test {
        Test::Oid(oid) => {
            let class = all_classes().find(|class| class.oid == oid);
            Filter::Kind(class.map_or(KindSet::NONE, kinds))
        }
        test => everywhere(test, |_| false),
    }
}

/// An attribute that every record has, with the same value.
fn everywhere(test: &Test, holds: impl Fn(&Test) -> bool) -> Filter {
    Filter::Const((*test == Test::Present || holds(test)).into())
}
