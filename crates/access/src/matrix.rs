//! Everything that [`decide`](crate::decide()) would say about a catalogue, as a table to read.

use std::cmp::Reverse;
use std::fmt::Write;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::decide::{Action, Actor, Ceiling, Decision, Deed, Subject, decide};
use crate::permission::Permission;
use crate::role::RoleKey;
use crate::roles::{Effective, Role, Roles};

/// The whole matrix of a catalogue's built-in roles: who may do what to whom, every change of role,
/// what the holder of each role may do alone, and each role's permissions. A cell says `yes`, or
/// names the rule that refuses, as [`Reason::rule`](crate::Reason::rule) does.
pub fn matrix(catalogue: &Catalogue) -> String {
    let roles = Roles::new(Arc::new(catalogue.clone()), []);
    let matrix = Matrix::new(&roles);
    let mut text = format!("{} ({})\n", catalogue.title, catalogue.key);
    text += "\nA cell says yes, or names the rule that refuses.\n";
    for (title, table) in [
        ("Roles, the highest rank first", matrix.ranks()),
        (
            "What the holder of a role (left) does to a user with a role (above)",
            matrix.deeds(),
        ),
        (
            "Changes of role: who, from which, to which",
            matrix.changes(),
        ),
        (
            "What everybody meets who touches the last active holder",
            matrix.last_holders(),
        ),
        (
            "Which roles a provisioning client gives, by its ceiling",
            matrix.ceilings(),
        ),
        ("What the holder of a role does alone", matrix.alone()),
        (
            "Permissions: for all data, for own data only, or none",
            matrix.permissions(),
        ),
    ] {
        if table.len() > 1 {
            let _ = write!(text, "\n{title}\n\n{}", aligned(&table));
        }
    }
    text
}

type Table = Vec<Vec<String>>;

struct Matrix<'a> {
    roles: &'a Roles,
    /// Each role, and what a user comes to who was granted it alone.
    users: Vec<(&'a Role, Effective<'a>)>,
}

impl<'a> Matrix<'a> {
    fn new(roles: &'a Roles) -> Self {
        let mut sorted: Vec<&Role> = roles.iter().collect();
        sorted.sort_by_key(|role| Reverse(role.rank()));
        let users = sorted
            .into_iter()
            .map(|role| (role, roles.effective([role.key()])));
        Self {
            roles,
            users: users.collect(),
        }
    }

    fn header<const N: usize>(&self, first: [&str; N]) -> Vec<String> {
        let keys = self.users.iter().map(|(role, _)| role.key().to_string());
        first.into_iter().map(String::from).chain(keys).collect()
    }

    fn say(&self, actor: Actor<'_>, action: Action<'_>) -> String {
        match decide(self.roles, actor, action) {
            Decision::Permit => "yes".to_owned(),
            Decision::Deny(reason) => reason.rule().to_owned(),
        }
    }

    fn ranks(&self) -> Table {
        let holding = &self.roles.catalogue().holding;
        let mut table = vec![["rank", "role", "title", ""].map(String::from).to_vec()];
        for (role, user) in &self.users {
            let marks = [
                (self.roles.is_kept(role.key()), "keeps a holder"),
                (holding.baseline.as_ref() == Some(role.key()), "baseline"),
                (
                    holding.unrestricted.contains(role.key()),
                    "no custom role restricts it",
                ),
                (self.roles.takes_seat(user), "takes a seat"),
                (role.is_special(), "special"),
            ];
            let marks: Vec<_> = marks
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, mark)| *mark)
                .collect();
            table.push(vec![
                role.rank().to_string(),
                role.key().to_string(),
                role.title().to_owned(),
                marks.join(", "),
            ]);
        }
        table
    }

    fn deeds(&self) -> Table {
        let mut header = self.header(["who", "does"]);
        header.push("oneself".to_owned());
        let mut table = vec![header];
        for (actor, own) in &self.users {
            for (index, deed) in Deed::ALL.into_iter().enumerate() {
                let mut row = vec![first_of(index, actor), verb(deed).to_owned()];
                let act = |user, is_self| {
                    self.say(
                        Actor::Person(own),
                        Action::User(deed, subject(user, is_self, &one)),
                    )
                };
                row.extend(self.users.iter().map(|(_, user)| act(user, false)));
                row.push(if deed == Deed::Create {
                    String::new()
                } else {
                    act(own, true)
                });
                table.push(row);
            }
        }
        table
    }

    fn changes(&self) -> Table {
        let mut table = vec![self.header(["who", "from"])];
        for (actor, own) in &self.users {
            for (index, (from, before)) in self.users.iter().enumerate() {
                let mut row = vec![first_of(index, actor), from.key().to_string()];
                row.extend(self.users.iter().map(|(to, after)| {
                    if from.key() == to.key() {
                        return String::new();
                    }
                    let change = Action::ChangeRoles(subject(before, false, &one), after);
                    self.say(Actor::Person(own), change)
                }));
                table.push(row);
            }
        }
        table
    }

    fn last_holders(&self) -> Table {
        let header = ["the last", "deactivate", "delete", "take the role away"];
        let mut table = vec![header.map(String::from).to_vec()];
        let without = self.roles.effective::<RoleKey>([]);
        for (role, user) in self
            .users
            .iter()
            .filter(|(role, _)| self.roles.is_kept(role.key()))
        {
            let last = subject(user, false, &none);
            let actions = [
                Action::User(Deed::Deactivate, last),
                Action::User(Deed::Delete, last),
                Action::ChangeRoles(last, &without),
            ];
            let says = actions
                .into_iter()
                .map(|action| self.say(Actor::System, action));
            table.push([role.key().to_string()].into_iter().chain(says).collect());
        }
        table
    }

    fn ceilings(&self) -> Table {
        let mut table = vec![self.header(["ceiling"])];
        let each = self.users.iter().map(|(role, _)| {
            (
                format!("role {}", role.key()),
                Ceiling::Role(role.key().clone()),
            )
        });
        let named = [("full", Ceiling::Full), ("below_kept", Ceiling::BelowKept)];
        let named = named.map(|(name, ceiling)| (name.to_owned(), ceiling));
        for (name, ceiling) in named.into_iter().chain(each) {
            let without = self.roles.effective::<RoleKey>([]);
            let says = self.users.iter().map(|(_, after)| {
                let change = Action::ChangeRoles(subject(&without, false, &one), after);
                self.say(Actor::Connection(&ceiling), change)
            });
            table.push([name].into_iter().chain(says).collect());
        }
        table
    }

    fn alone(&self) -> Table {
        let blank = self
            .roles
            .define(RoleKey::from("custom"), crate::RoleDef::default());
        let without = self.roles.effective::<RoleKey>([]);
        let actions = |own| {
            let oneself = subject(own, true, &one);
            let edit = Action::EditRole {
                before: &blank,
                after: &blank,
            };
            [
                (
                    "change the own roles",
                    Action::ChangeRoles(oneself, &without),
                ),
                ("edit the own profile", Action::EditOwnProfile(oneself)),
                (
                    "change the own password",
                    Action::ChangeOwnPassword(oneself),
                ),
                ("see the roles page", Action::ViewRoles),
                ("create a custom role", Action::CreateRole(&blank)),
                ("edit a custom role", edit),
                ("delete a custom role", Action::DeleteRole(&blank)),
            ]
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (_, own) in &self.users {
            for (index, (title, action)) in actions(own).into_iter().enumerate() {
                let says = self.say(Actor::Person(own), action);
                match rows.get_mut(index) {
                    Some(row) => row.push(says),
                    None => rows.push(vec![title.to_owned(), says]),
                }
            }
        }
        let mut table = vec![self.header([""])];
        table.append(&mut rows);
        table
    }

    fn permissions(&self) -> Table {
        let mut table = vec![self.header([""])];
        let whole = self
            .roles
            .permissions()
            .iter()
            .filter(|permission| !permission.is_own());
        for permission in whole {
            let own = permission.to_own();
            let cells = self
                .users
                .iter()
                .map(|(_, user)| cell(user, permission, &own).to_owned());
            table.push([permission.to_string()].into_iter().chain(cells).collect());
        }
        table
    }
}

fn cell(user: &Effective<'_>, permission: &Permission, own: &Permission) -> &'static str {
    match (user.allows(permission), user.allows(own)) {
        (true, _) => "all",
        (false, true) => "own",
        (false, false) => "-",
    }
}

fn subject<'a>(
    roles: &'a Effective<'a>,
    is_self: bool,
    other_holders: &'a dyn Fn(&RoleKey) -> usize,
) -> Subject<'a> {
    Subject {
        roles,
        is_self,
        is_active: true,
        other_holders,
    }
}

fn one(_: &RoleKey) -> usize {
    1
}

fn none(_: &RoleKey) -> usize {
    0
}

fn first_of(index: usize, actor: &Role) -> String {
    if index == 0 {
        actor.key().to_string()
    } else {
        String::new()
    }
}

fn verb(deed: Deed) -> &'static str {
    match deed {
        Deed::View => "view",
        Deed::Create => "create",
        Deed::Edit => "edit",
        Deed::Activate => "activate",
        Deed::Deactivate => "deactivate",
        Deed::Delete => "delete",
        Deed::ResetPassword => "reset password",
    }
}

/// The rows with their columns aligned, two spaces apart and indented.
fn aligned(table: &Table) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in table {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("  {cell:width$}"));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    table.iter().map(line).collect()
}
