//! Which attributes an answer has: `attributes`, `excludedAttributes` (RFC 7644 §3.9) and each
//! attribute's own `returned` (RFC 7643 §7).

use std::collections::BTreeSet;

use jackfield_model::schema::{Returned, attr};
use jackfield_model::{AttrDef, AttrId};

use crate::dialect::Dialect;
use crate::name::{self, Name};
use crate::resource::ResourceType;

/// What a client wants of each resource: each item once, so that the schemas bound how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Only these, if the client said so.
    only: Option<BTreeSet<Item>>,
    /// Not these.
    except: BTreeSet<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    attr: AttrId,
    sub: Option<AttrId>,
}

impl Selection {
    /// Reads both parameters, each a list of names; names that nobody knows select nothing.
    ///
    /// deviates: RFC 7644 §3.9 has them exclude each other; both together give what both allow.
    pub(crate) fn new<'n>(
        dialect: &Dialect,
        types: &[ResourceType],
        only: Option<impl Iterator<Item = &'n str>>,
        except: impl Iterator<Item = &'n str>,
    ) -> Self {
        Self {
            only: only.map(|names| names.flat_map(|name| items(dialect, types, name)).collect()),
            except: except
                .flat_map(|name| items(dialect, types, name))
                .collect(),
        }
    }

    /// The same, but for an attribute.
    pub(crate) fn without(&self, attr: AttrId) -> Self {
        let item = Item { attr, sub: None };
        let mut rest = self.clone();
        rest.except.insert(item);
        rest
    }

    /// Whether the client named the attributes that it wants.
    pub(crate) fn is_explicit(&self) -> bool {
        self.only.is_some()
    }

    /// Whether the client named something that may change while the version of the resource does
    /// not: what is looked up, and permissions, which change with the definition of a role.
    pub(crate) fn names_what_changes_elsewhere(&self) -> bool {
        let mut only = self.only.iter().flatten();
        only.any(|item| {
            let attr = item.sub.unwrap_or(item.attr);
            item.attr == attr::ENTITLEMENTS || LOOKED_UP.contains(&attr)
        })
    }

    /// Whether an attribute of the top level, or any part of it, is in the answer.
    pub(crate) fn has(&self, def: &AttrDef) -> bool {
        let is_named = self
            .only
            .as_ref()
            .map(|only| only.iter().any(|item| item.attr == def.id));
        let is_excluded = self.except.contains(&Item {
            attr: def.id,
            sub: None,
        });
        match returned(def) {
            Returned::Always => true,
            Returned::Never => false,
            Returned::Default => is_named.unwrap_or(true) && !is_excluded,
            Returned::Request => is_named.unwrap_or(false) && !is_excluded,
        }
    }

    /// Whether the sub-attribute of an attribute that the answer [`has`](Self::has) is in it.
    pub(crate) fn has_sub(&self, attr: AttrId, sub: &AttrDef) -> bool {
        let item = Item {
            attr,
            sub: Some(sub.id),
        };
        let only = self.only.as_ref();
        let is_named = only.is_some_and(|only| only.contains(&item));
        let is_with_whole = only.is_none_or(|only| only.contains(&Item { attr, sub: None }));
        match returned(sub) {
            Returned::Always => true,
            Returned::Never => false,
            Returned::Default => (is_named || is_with_whole) && !self.except.contains(&item),
            Returned::Request => is_named,
        }
    }
}

/// What is looked up for each element of a list that the client wrote, and what the server alone
/// puts beside a client's values in an extension.
const LOOKED_UP: [AttrId; 5] = [
    attr::MEMBERS_DISPLAY,
    attr::EXTENSIONS_DISPLAY,
    attr::DESKS_DISPLAY,
    attr::LAST_LOGIN,
    attr::SEAT,
];

/// When an attribute is returned: what is looked up only if it is asked for, so that a client reads
/// back what it wrote.
pub(crate) fn returned(def: &AttrDef) -> Returned {
    match LOOKED_UP.contains(&def.id) {
        true => Returned::Request,
        false => def.returned,
    }
}

/// What one name selects. Whatever it chooses by a value filter it selects whole: Entra ID's
/// collection asks for `emails[type eq "work"]`.
fn items(dialect: &Dialect, types: &[ResourceType], text: &str) -> Vec<Item> {
    let text = text.trim();
    let bare = text.split_once('[').map_or(text, |(name, _)| name);
    match name::resolve(dialect, types, bare) {
        Ok(Name::Attribute { attr, sub }) => vec![Item { attr, sub }],
        Ok(Name::Schema(schema)) => dialect
            .registry()
            .attributes_of(schema)
            .map(|def| Item {
                attr: def.id,
                sub: None,
            })
            .collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_model::Registry;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn selection(only: Option<&[&str]>, except: &[&str]) -> Selection {
        Selection::new(
            &Dialect::default(),
            &ResourceType::ALL,
            only.map(|only| only.iter().copied()),
            except.iter().copied(),
        )
    }

    fn def(attr: AttrId) -> &'static AttrDef {
        Registry::core().get(attr).unwrap()
    }

    #[test]
    fn attributes_come_as_asked_for_and_as_their_definition_says() {
        let nothing: &[&str] = &[];
        for (only, except, attr, expected) in [
            (None, nothing, attr::TITLE, true),
            (None, &["TITLE"], attr::TITLE, false),
            (None, &["emails.value"], attr::EMAILS, true),
            (Some(["title"].as_slice()), nothing, attr::TITLE, true),
            (Some(&["title"]), nothing, attr::EMAILS, false),
            (Some(&["title"]), &["title"], attr::TITLE, false),
            (
                Some(&["emails[type eq \"work\"].value"]),
                nothing,
                attr::EMAILS,
                true,
            ),
            (Some(&["shoeSize"]), nothing, attr::TITLE, false),
            (Some(&[ENTERPRISE]), nothing, attr::DEPARTMENT, true),
            (None, &[ENTERPRISE], attr::DEPARTMENT, false),
            (Some(nothing), nothing, attr::ID, true),
            (None, &["id"], attr::ID, true),
            (None, nothing, attr::PASSWORD, false),
            (Some(&["password"]), nothing, attr::PASSWORD, false),
            (None, nothing, attr::SEAT, false),
            (Some(&["seat"]), nothing, attr::SEAT, true),
        ] {
            let selected = selection(only, except).has(def(attr));
            assert_eq!(selected, expected, "{only:?} {except:?} {}", def(attr).name);
        }
    }

    #[test]
    fn a_name_that_comes_again_selects_nothing_more() {
        let names = vec!["title"; 1_000];
        let repeated = selection(Some(&names), &names);
        assert_eq!(repeated, selection(Some(&["title"]), &["title"]));
    }

    #[test]
    fn sub_attributes_come_with_the_whole_or_by_name() {
        let nothing: &[&str] = &[];
        for (only, except, sub, expected) in [
            (None, nothing, attr::EMAILS_TYPE, true),
            (None, &["emails.type"], attr::EMAILS_TYPE, false),
            (
                Some(["emails"].as_slice()),
                nothing,
                attr::EMAILS_TYPE,
                true,
            ),
            (Some(&["emails.value"]), nothing, attr::EMAILS_TYPE, false),
            (Some(&["emails.value"]), nothing, attr::EMAILS_VALUE, true),
            (
                Some(&["emails"]),
                &["emails.value"],
                attr::EMAILS_VALUE,
                false,
            ),
            (None, nothing, attr::MEMBERS_DISPLAY, false),
            (Some(&["members"]), nothing, attr::MEMBERS_DISPLAY, false),
            (
                Some(&["members.display"]),
                nothing,
                attr::MEMBERS_DISPLAY,
                true,
            ),
        ] {
            let top = def(sub).parent.unwrap();
            let selected = selection(only, except).has_sub(top, def(sub));
            assert_eq!(selected, expected, "{only:?} {except:?} {}", def(sub).name);
        }
    }
}
