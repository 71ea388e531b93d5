//! Attributes that are computed from other data: each in one place, for both protocols.

use std::borrow::Cow;

use jackfield_access::{Effective, Role};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, EdgeKind, Kind, Principal, Record, Timestamp, Value};
use smol_str::{SmolStr, format_smolstr};

use super::{Entry, Flow, ValueRef, parts};

impl<'a> Entry<'a> {
    /// The values of an attribute of the top level, whoever asks.
    pub(crate) fn unchecked(&self, attr: AttrId) -> Cow<'a, [Value]> {
        let record = self.record;
        let one = |value: Value| Cow::Owned(vec![value]);
        match attr {
            attr::ID => one(id_text(record)),
            attr::EXTERNAL_ID => self.external_id().map(Value::Str).into_iter().collect(),
            attr::META => one(self.meta().into()),
            attr::COMMON_NAME => one(Value::Str(record.common_name().into())),
            attr::NUMBER => one(Value::Int(i64::from(record.number.0))),
            attr::GROUPS => self.groups().collect(),
            attr::ROLES => self.roles(),
            attr::MEMBERS => self.members().collect(),
            attr::MANAGER => self.manager(),
            attr::EXTENSIONS => self.extensions().collect(),
            attr::DESKS => self.desks().collect(),
            attr::GROUP_KIND => self.group_kind().map(Value::from).into_iter().collect(),
            attr::SEAT if record.kind == Kind::User => one(Value::Bool(self.takes_seat())),
            attr::LAST_LOGIN => self.last_login().map(Value::Time).into_iter().collect(),
            attr::PERMISSIONS => self.permission_values(),
            attr::ENTITLEMENTS => self.entitlements(),
            _ => Cow::Borrowed(record.attributes.values(attr)),
        }
    }

    /// Each value of a leaf, whoever asks; without building elements where that can be avoided.
    pub(crate) fn unchecked_leaf(
        &self,
        attr: AttrId,
        each: &mut dyn FnMut(ValueRef<'_>) -> Flow,
    ) -> Flow {
        let record = self.record;
        match attr {
            attr::ID => each(ValueRef::Id(record.id)),
            attr::COMMON_NAME => each(ValueRef::Str(&record.common_name())),
            attr::NUMBER => each(ValueRef::Int(i64::from(record.number.0))),
            attr::META_CREATED => each(ValueRef::Time(record.created)),
            attr::META_LAST_MODIFIED => each(ValueRef::Time(record.modified)),
            attr::MEMBERS_VALUE => {
                self.each_reference(attr::MEMBERS, &mut |r| each(ValueRef::Id(r.id)))
            }
            attr::HOLDERS => self.each_reference(attr, &mut |r| each(ValueRef::Id(r.id))),
            attr::GROUPS_VALUE => {
                self.each_reference(attr::GROUPS, &mut |r| each(ValueRef::Id(r.id)))
            }
            attr::ENTITLEMENTS_VALUE if !self.may_read(attr::PERMISSIONS) => Flow::Continue(()),
            attr::ENTITLEMENTS_VALUE => self.unchecked_leaf(attr::PERMISSIONS, each),
            attr::ROLES_VALUE if record.attributes.values(attr::ROLES).is_empty() => {
                self.each_role(each)
            }
            attr::EXTENSIONS_VALUE => self.each_reference(attr::EXTENSIONS, &mut |extension| {
                each(ValueRef::Str(extension.login().unwrap_or_default()))
            }),
            _ => match self
                .snapshot
                .registry()
                .get(attr)
                .and_then(|def| def.parent)
            {
                Some(parent) => self.unchecked_sub(parent, attr, each),
                None => self
                    .unchecked(attr)
                    .iter()
                    .filter_map(ValueRef::of)
                    .try_for_each(each),
            },
        }
    }

    fn unchecked_sub(
        &self,
        parent: AttrId,
        attr: AttrId,
        each: &mut dyn FnMut(ValueRef<'_>) -> Flow,
    ) -> Flow {
        let elements = self.unchecked(parent);
        parts(self.snapshot.registry(), &elements, parent, attr).try_for_each(each)
    }

    /// The connection's own name for the record; nobody sees another's.
    fn external_id(&self) -> Option<SmolStr> {
        let Principal::Connection(connection) = self.view.principal else {
            return None;
        };
        self.snapshot
            .links()
            .get(self.record.id, connection)?
            .external_id
            .clone()
    }

    fn meta(&self) -> Attributes {
        let record = self.record;
        let resource_type = match record.kind {
            Kind::Group | Kind::Role => "Group",
            _ => "User",
        };
        let version = format_smolstr!("W/\"{}\"", record.version);
        Attributes::from_iter([
            (attr::META_RESOURCE_TYPE, resource_type.into()),
            (attr::META_CREATED, moment(record.created)),
            (attr::META_LAST_MODIFIED, moment(record.modified)),
            (attr::META_VERSION, Value::Str(version)),
        ])
    }

    fn groups(&self) -> impl Iterator<Item = Value> {
        let mut all = Vec::new();
        let _ = self.each_reference(attr::GROUPS, &mut |group| {
            let value = Attributes::from_iter([
                (attr::GROUPS_VALUE, id_text(group)),
                (attr::GROUPS_DISPLAY, Value::Str(group.common_name().into())),
                (attr::GROUPS_TYPE, "direct".into()),
            ]);
            all.push(value.into());
            Flow::Continue(())
        });
        all.into_iter()
    }

    /// The roles that the user is seen to have, the baseline if the view has it among them, and values that
    /// name no role, as they were sent.
    fn roles(&self) -> Cow<'a, [Value]> {
        let stored = self.record.attributes.values(attr::ROLES);
        if stored.is_empty() && self.has_baseline_at_most() {
            return Cow::Borrowed(&[]);
        }
        let effective = self
            .record
            .is_active()
            .then(|| self.snapshot.effective_of(self.record));
        let top = effective
            .as_ref()
            .and_then(Effective::top)
            .map(|role| role.key().clone());
        let shown = effective
            .iter()
            .flat_map(|effective| self.shown(effective))
            .map(|role| {
                let kind = if role.is_custom() {
                    "custom"
                } else {
                    "built-in"
                };
                let value = Attributes::new()
                    .with(attr::ROLES_VALUE, role.key().as_str())
                    .with(attr::ROLES_DISPLAY, role.title())
                    .with(attr::ROLES_TYPE, kind);
                match top.as_ref() == Some(role.key()) {
                    true => value.with(attr::ROLES_PRIMARY, true).into(),
                    false => value.into(),
                }
            });
        let mut all: Vec<Value> = shown.collect();
        all.extend(stored.iter().cloned());
        Cow::Owned(all)
    }

    /// Gives the key of each role that the user is seen to have, the highest first.
    fn each_role(&self, each: &mut dyn FnMut(ValueRef<'_>) -> Flow) -> Flow {
        if !self.record.is_active() || self.has_baseline_at_most() {
            return Flow::Continue(());
        }
        let only = self.snapshot.only_role_of(self.record);
        if let Some(only) = only.filter(|_| self.view.baseline) {
            return each(ValueRef::Str(only.login().unwrap_or_default()));
        }
        let effective = self.snapshot.effective_of(self.record);
        let top = effective.top().map(Role::key);
        let shown: Vec<&Role> = self.shown(&effective).collect();
        let keys = || shown.iter().map(|role| role.key());
        let first = keys().filter(|key| Some(*key) == top);
        let others = keys().filter(|key| Some(*key) != top);
        let all = first.chain(others);
        all.map(|key| ValueRef::Str(key.as_str()))
            .try_for_each(each)
    }

    /// Whether the user has no role that the view has among the user's roles, as is known at once.
    fn has_baseline_at_most(&self) -> bool {
        !self.view.baseline && self.snapshot.grants_of(self.record).next().is_none()
    }

    /// The roles that are seen, of what a user's come to.
    fn shown<'e>(
        &self,
        effective: &'e Effective<'a>,
    ) -> impl Iterator<Item = &'a Role> + use<'e, 'a> {
        let baseline = effective.baseline().filter(|_| !self.view.baseline);
        let baseline = baseline.map(Role::key);
        let shown = effective.shown().iter().copied();
        shown.filter(move |role| Some(role.key()) != baseline)
    }

    fn members(&self) -> impl Iterator<Item = Value> {
        let mut all = Vec::new();
        let _ = self.each_reference(attr::MEMBERS, &mut |member| {
            all.push(member_value(member));
            Flow::Continue(())
        });
        all.into_iter()
    }

    /// What stands for this record among the members of a group.
    pub fn as_member(&self) -> Value {
        member_value(self.record)
    }

    fn manager(&self) -> Cow<'a, [Value]> {
        let stored = self.record.attributes.values(attr::MANAGER);
        let mut name = None;
        let _ = self.each_reference(attr::MANAGER, &mut |manager| {
            name = Some(manager.common_name());
            Flow::Break(())
        });
        match (stored.first().and_then(Value::as_complex), name) {
            (Some(manager), Some(name)) => {
                let mut manager = manager.clone();
                manager.put(attr::MANAGER_DISPLAY_NAME, Value::Str(name.into()));
                Cow::Owned(vec![manager.into()])
            }
            _ => Cow::Borrowed(stored),
        }
    }

    fn extensions(&self) -> impl Iterator<Item = Value> {
        self.assigned(EdgeKind::Extension)
            .map(|(extension, primary)| {
                let mut value = Attributes::new().with(
                    attr::EXTENSIONS_VALUE,
                    extension.login().unwrap_or_default(),
                );
                if let Some(name) = extension.attributes.text(attr::DISPLAY_NAME) {
                    value.put(attr::EXTENSIONS_DISPLAY, name);
                }
                value.put(attr::EXTENSIONS_PRIMARY, primary);
                value.into()
            })
    }

    fn desks(&self) -> impl Iterator<Item = Value> {
        self.assigned(EdgeKind::Desk).map(|(desk, _)| {
            Attributes::new()
                .with(attr::DESKS_VALUE, Value::Str(desk.common_name().into()))
                .into()
        })
    }

    fn group_kind(&self) -> Option<&'static str> {
        match self.record.kind {
            Kind::Group => Some("group"),
            Kind::Role => Some("role"),
            _ => None,
        }
    }

    fn last_login(&self) -> Option<Timestamp> {
        self.snapshot
            .last_use()
            .get(self.record.id)
            .map(Timestamp::to_millis_precision)
    }

    fn takes_seat(&self) -> bool {
        let (snapshot, record) = (self.snapshot, self.record);
        record.is_active() && snapshot.roles().takes_seat(&snapshot.effective_of(record))
    }

    /// Permissions, as SCIM has them.
    fn entitlements(&self) -> Cow<'a, [Value]> {
        let mut all = Vec::new();
        self.permissions(&mut |permission| {
            let entitlement = Attributes::new()
                .with(attr::ENTITLEMENTS_VALUE, permission)
                .with(attr::ENTITLEMENTS_TYPE, "permission");
            all.push(entitlement.into());
        });
        all.into_iter().collect()
    }

    fn permission_values(&self) -> Cow<'a, [Value]> {
        let permissions = match self.record.kind {
            Kind::User if self.record.is_active() => {
                self.snapshot.effective_of(self.record).permissions()
            }
            Kind::Role => {
                let key = self.record.login().unwrap_or_default();
                let role = self.snapshot.roles().get(key);
                role.map(|role| role.permissions().clone())
                    .unwrap_or_default()
            }
            _ => return Cow::Borrowed(&[]),
        };
        permissions
            .iter()
            .map(|permission| Value::from(permission.as_str()))
            .collect()
    }
}

fn member_value(member: &Record) -> Value {
    let kind = match member.kind {
        Kind::Group => "Group",
        _ => "User",
    };
    let value = Attributes::from_iter([
        (attr::MEMBERS_VALUE, id_text(member)),
        (
            attr::MEMBERS_DISPLAY,
            Value::Str(member.common_name().into()),
        ),
        (attr::MEMBERS_TYPE, kind.into()),
    ]);
    value.into()
}

fn id_text(record: &Record) -> Value {
    Value::Str(record.id.text())
}

/// Clients see milliseconds, so they compare milliseconds.
fn moment(at: Timestamp) -> Value {
    Value::Time(at.to_millis_precision())
}
