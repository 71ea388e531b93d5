//! Attributes that point at other records, and chains of them.

use jackfield_gateway::Container;
use jackfield_model::dn::Rdn;
use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Dn, Filter, Id, Kind, KindSet, MatchingRule, Truth, text};
use uuid::Uuid;

use super::{Named, Scope, Towards, leaf};
use crate::filter::Test;

impl Scope<'_> {
    /// Whether a group has the user of this name as a member.
    pub(super) fn member_login(&self, test: &Test) -> Filter {
        match test {
            Test::Present => Filter::Present(attr::HOLDERS),
            Test::Match(MatchingRule::CaseIgnore, Assertion::Equal(Key::Text(login))) => {
                let people = self.suffix.child(Rdn::new("ou", Container::People.ou()));
                let dn = people.child(Rdn::new("uid", login.as_str()));
                self.reference(attr::HOLDERS, attr::HOLDERS, &Test::Dn(dn))
            }
            _ => Filter::Const(Truth::Undefined),
        }
    }

    /// Whether a chain of memberships ends at the name (1.2.840.113556.1.4.1941).
    fn chain(&self, attr: AttrId, ids: AttrId, dn: &Dn) -> Filter {
        let Some(Named::Record(id)) = (self.locate)(dn) else {
            return self.reference(attr, ids, &Test::Dn(dn.clone()));
        };
        let (towards, ids) = match attr {
            attr::GROUPS => (Towards::Members, ids),
            // Those groups themselves, then.
            _ => (Towards::Groups, attr::ID),
        };
        let all = (self.chain)(id, towards).into_iter();
        let is_one = Filter::Or(
            all.map(|id| Filter::equal(ids, MatchingRule::Id, Key::Id(id)))
                .collect(),
        );
        // True, and Undefined where the attribute may not be read.
        let any = Filter::Present(attr);
        let may_read = Filter::Or(vec![any.clone(), Filter::Not(Box::new(any))]);
        Filter::And(vec![may_read, is_one])
    }

    /// Whether the attribute points at the record that a name means.
    pub(super) fn reference(&self, attr: AttrId, ids: AttrId, test: &Test) -> Filter {
        if let Test::Chain(dn) = test {
            return self.chain(attr, ids, dn);
        }
        let Test::Dn(dn) = test else {
            return leaf(attr, test);
        };
        match (attr, (self.locate)(dn)) {
            // A permission's group is computed: its members are those who have the permission.
            (attr::GROUPS, Some(Named::Permission(name))) => Filter::And(vec![
                Filter::Kind(KindSet::of(&[Kind::User])),
                Filter::equal(
                    attr::PERMISSIONS,
                    MatchingRule::CaseIgnore,
                    Key::Text(text::case_ignore(&name)),
                ),
            ]),
            (_, Some(Named::Record(id))) => Filter::equal(ids, MatchingRule::Id, Key::Id(id)),
            // Points at nothing: False where the attribute may be read, Undefined elsewhere.
            (_, Some(Named::Permission(_)) | None) => {
                Filter::equal(ids, MatchingRule::Id, Key::Id(Id(Uuid::nil())))
            }
        }
    }
}
