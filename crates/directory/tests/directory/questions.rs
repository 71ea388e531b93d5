//! Filters and views at random, asked of a tenant of random commands.

use std::sync::Arc;

use jackfield_directory::AccessView;
use jackfield_directory::view::phone_book;
use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Dialled, Filter, Id, Kind, KindSet, MatchingRule, Principal, Registry, Truth, ViewSet,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

use crate::random::{Life, text};
use crate::world::numbering;

#[rustfmt::skip]
const ASKED: [AttrId; 27] = [
    attr::USER_NAME, attr::DISPLAY_NAME, attr::NAME_GIVEN_NAME, attr::NAME_FAMILY_NAME,
    attr::COMMON_NAME, attr::TITLE, attr::EMAILS_VALUE, attr::EMAILS_TYPE,
    attr::PHONE_NUMBERS_VALUE, attr::PHONE_NUMBERS_TYPE, attr::EMPLOYEE_NUMBER, attr::DEPARTMENT,
    attr::EXTENSIONS_VALUE, attr::EXTENSION_NUMBER, attr::EXTERNAL_ID, attr::ROLES_VALUE,
    attr::MEMBERS_VALUE, attr::HOLDERS, attr::MEMBERS_DISPLAY, attr::GROUPS_VALUE, attr::GROUPS_DISPLAY,
    attr::MANAGER_VALUE, attr::ID, attr::NUMBER, attr::ROLE_KEY, attr::LOGIN, attr::ACTIVE,
];

#[rustfmt::skip]
const RULES: [MatchingRule; 7] = [
    MatchingRule::CaseIgnore, MatchingRule::CaseIgnore, MatchingRule::AccentIgnore,
    MatchingRule::CaseExact, MatchingRule::Telephone, MatchingRule::Numeric, MatchingRule::Id,
];

const RELATIONS: [AttrId; 5] = [
    attr::MEMBERS_VALUE,
    attr::HOLDERS,
    attr::GROUPS_VALUE,
    attr::MANAGER_VALUE,
    attr::ID,
];

/// A filter, with references to records that are resolved when it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    filter: Filter,
    references: Vec<Index>,
}

impl Asked {
    pub(crate) fn resolve(&self, ids: &[Id]) -> Filter {
        let mut references = self.references.iter().cycle();
        resolve(&self.filter, &mut || {
            *references.next().map_or(&ids[0], |i| i.get(ids))
        })
    }
}

fn resolve(filter: &Filter, next: &mut dyn FnMut() -> Id) -> Filter {
    let mut all = |parts: &[Filter]| parts.iter().map(|part| resolve(part, next)).collect();
    match filter {
        Filter::And(parts) => Filter::And(all(parts)),
        Filter::Or(parts) => Filter::Or(all(parts)),
        Filter::Not(part) => Filter::Not(Box::new(resolve(part, next))),
        Filter::Element(attr, part) => Filter::Element(*attr, Box::new(resolve(part, next))),
        Filter::Match(attr, rule, Assertion::Equal(Key::Id(_))) => {
            Filter::Match(*attr, *rule, Assertion::Equal(Key::Id(next())))
        }
        // An id as text, as SCIM asks for it.
        Filter::Match(attr, rule, Assertion::Equal(Key::Text(text))) if text == "id" => {
            let key = Key::Text(next().to_string().into());
            Filter::Match(*attr, *rule, Assertion::Equal(key))
        }
        other => other.clone(),
    }
}

/// Filters of some depth.
pub(crate) fn asked() -> impl Strategy<Value = Asked> {
    let truth = select(&[Truth::True, Truth::False, Truth::Undefined][..]);
    let kinds = select(&Kind::ALL[..]).prop_map(|kind| Filter::Kind(KindSet::of(&[kind])));
    let attr = || select(&ASKED[..]);
    let leaf = prop_oneof![
        1 => truth.prop_map(Filter::Const),
        1 => kinds,
        2 => attr().prop_map(Filter::Present),
        4 => select(&RELATIONS[..]).prop_map(|attr| {
            Filter::equal(attr, MatchingRule::Id, Key::Id(Id(Uuid::nil())))
        }),
        14 => (attr(), select(&RULES[..]), text(), text(), 0..20usize).prop_map(matching),
    ];
    let filter = leaf.prop_recursive(3, 12, 3, move |inner| {
        let element = (attr(), inner.clone())
            .prop_map(|(attr, inner)| Filter::Element(Registry::core().top(attr), Box::new(inner)));
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Filter::And),
            2 => vec(inner.clone(), 0..4).prop_map(Filter::Or),
            1 => inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            1 => element,
        ]
    });
    (filter, vec(any::<Index>(), 4)).prop_map(|(filter, references)| Asked { filter, references })
}

fn matching(
    (attr, rule, text, other, how): (AttrId, MatchingRule, String, String, usize),
) -> Filter {
    let key = || Key::Text(rule.key(&text).unwrap_or_else(|| text.as_str().into()));
    let pattern = |pattern: String| Assertion::Substring(crate::notation::parts(rule, &pattern));
    let dialled = |number| Assertion::Dialled(Arc::new(number));
    let part: String = text.chars().take(2).collect();
    let assertion = match how {
        0..=2 => Assertion::Equal(key()),
        3 | 4 => Assertion::Equal(Key::Id(Id(Uuid::nil()))),
        5 => Assertion::Equal(Key::Text("id".into())),
        6 => Assertion::NotEqual(key()),
        7 => Assertion::Greater(key()),
        8 => Assertion::GreaterOrEqual(key()),
        9 => Assertion::Less(key()),
        10 => Assertion::LessOrEqual(key()),
        11 => pattern(format!("{text}*")),
        12 => pattern(format!("*{text}*")),
        13 => pattern(format!("*{part}*{other}")),
        14 => pattern(format!("{part}*")),
        15 => dialled(Dialled::equal(&numbering(), &text)),
        16 | 17 => {
            let typed = match how {
                16 => format!("{text}*"),
                _ => format!("*{part}*{other}"),
            };
            let parts = crate::notation::parts(MatchingRule::Telephone, &typed);
            dialled(Dialled::parts(&numbering(), &parts))
        }
        _ => Assertion::Equal(Key::Bool(text.len() > 3)),
    };
    Filter::Match(attr, rule, assertion)
}

/// A view, of whom is said when it is asked.
pub(crate) fn view() -> impl Strategy<Value = Seen> {
    prop_oneof![
        4 => Just(Seen::Everything),
        3 => any::<Index>().prop_map(Seen::Connection),
        1 => any::<Index>().prop_map(Seen::PhoneBook),
        1 => any::<Index>().prop_map(Seen::Groups),
    ]
}

/// A view, before it is known who there is.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    Everything,
    Connection(Index),
    PhoneBook(Index),
    Groups(Index),
}

impl Seen {
    pub(crate) fn resolve(&self, life: &Life) -> AccessView {
        let of = |kinds: &[Kind], attributes, own, person: &Index| AccessView {
            principal: Principal::Person(*person.get(&life.ids)),
            kinds: KindSet::of(kinds),
            attributes,
            own,
            permissions: false,
            baseline: true,
            views: ViewSet::NONE,
        };
        let all = jackfield_directory::AttrSet::ALL;
        match self {
            Self::Everything => AccessView::everything(Principal::System),
            Self::Connection(index) => AccessView::everything(*index.get(&life.connections)),
            Self::PhoneBook(who) => of(
                &[Kind::User, Kind::Contact],
                phone_book(Registry::core()),
                all,
                who,
            ),
            Self::Groups(who) => of(&[Kind::Group, Kind::Role], all, all, who),
        }
    }
}
