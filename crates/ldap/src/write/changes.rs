//! From the modifications of a request to what they are in the record.

use jackfield_gateway::{Entry, Error as Gateway, Reader};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Filter, Kind, MatchingRule, Registry, Value};
use ldap3_proto::proto::{LdapModify, LdapModifyType};

use crate::filter::value::{as_text, equality, lined};
use crate::filter::{Test, fixed};
use crate::schema::{AttributeType, Schema, Source, Typed};
use crate::wire::RequestError;
use crate::{Error, record};

/// What a request comes to.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) ops: Vec<PatchOp>,
    pub(super) sets_password: bool,
    /// The password that the client takes to be the present one.
    pub(super) old_password: Option<Vec<u8>>,
}

/// One attribute, as far as the modifications have come.
struct Touched {
    attribute: &'static AttributeType,
    before: Vec<String>,
    values: Vec<String>,
}

/// Plans the modifications, in their order (RFC 4511 §4.6), on a person's entry.
pub(super) fn plan(
    reader: &Reader,
    entry: Entry<'_>,
    changes: &[LdapModify],
) -> Result<Planned, Error> {
    let schema = Schema::of(reader);
    let mut touched: Vec<Touched> = Vec::new();
    let mut passwords = Passwords::default();
    for change in changes {
        let attribute =
            (schema.attribute_type(&change.modification.atype)).ok_or(Error::UndefinedAttribute)?;
        if attribute.name() == "userPassword" {
            passwords.change(change)?;
            continue;
        }
        if attribute.operational {
            return Err(Error::FixedAttribute(attribute.name()));
        }
        let at = touched
            .iter()
            .position(|other| std::ptr::eq(other.attribute, attribute));
        let at = at.unwrap_or_else(|| {
            let mut before = Vec::new();
            record::texts(reader, entry, attribute, &mut |text| before.push(text));
            touched.push(Touched {
                attribute,
                values: before.clone(),
                before,
            });
            touched.len() - 1
        });
        if let Some(touched) = touched.get_mut(at) {
            touched.change(change)?;
        }
    }
    let mut planned = passwords.planned()?;
    for attribute in &touched {
        attribute.to_ops(&mut planned.ops)?;
    }
    Ok(planned)
}

impl Touched {
    fn change(&mut self, change: &LdapModify) -> Result<(), Error> {
        let vals = &change.modification.vals;
        let tests = vals
            .iter()
            .map(|value| equality(self.attribute.family, value).ok_or(Error::AssertionValue));
        let tests: Vec<Test> = tests.collect::<Result<_, _>>()?;
        match change.operation {
            LdapModifyType::Increment => Err(Gateway::Unsupported("modify-increment").into()),
            LdapModifyType::Add if vals.is_empty() => {
                Err(RequestError::OutOfRange("the number of values to add").into())
            }
            LdapModifyType::Delete if vals.is_empty() && self.values.is_empty() => {
                Err(Error::NoSuchAttribute)
            }
            LdapModifyType::Delete if vals.is_empty() => {
                self.values.clear();
                Ok(())
            }
            LdapModifyType::Delete => tests.iter().try_for_each(|test| {
                let found = self
                    .values
                    .iter()
                    .position(|own| fixed::satisfies(test, own));
                self.values.remove(found.ok_or(Error::NoSuchAttribute)?);
                Ok(())
            }),
            LdapModifyType::Add => self.add(&tests, vals),
            LdapModifyType::Replace => {
                self.values.clear();
                self.add(&tests, vals)
            }
        }
    }

    fn add(&mut self, tests: &[Test], vals: &[Vec<u8>]) -> Result<(), Error> {
        for (test, value) in tests.iter().zip(vals) {
            if self.values.iter().any(|own| fixed::satisfies(test, own)) {
                return Err(Error::ValueExists);
            }
            self.values.push(as_text(value).into_owned());
        }
        Ok(())
    }

    /// What the change of values is in the record of a person.
    fn to_ops(&self, ops: &mut Vec<PatchOp>) -> Result<(), Error> {
        let name = self.attribute.name();
        let mut sources = self.attribute.sources.iter();
        let source = sources.find(|(kinds, _)| kinds.contains(Kind::User));
        match source.map(|(_, source)| *source) {
            Some(Source::Leaf(attr)) => self.leaf(attr, ops),
            Some(Source::Typed(typed)) if typed.attr == attr::PHONE_NUMBERS => {
                self.elements(typed, ops);
                Ok(())
            }
            Some(Source::Typed(typed)) => {
                let of_type = Filter::equal(typed.ty, MatchingRule::CaseIgnore, kind_of(typed));
                let path = path(typed.attr, Some(of_type), Some(typed.value));
                ops.push(self.only(path, |text| {
                    lined(self.attribute.family, text.into()).as_ref().into()
                })?);
                Ok(())
            }
            _ => Err(Error::FixedAttribute(name)),
        }
    }

    fn leaf(&self, attr: AttrId, ops: &mut Vec<PatchOp>) -> Result<(), Error> {
        let registry = Registry::core();
        let def = registry.get(attr).filter(|def| !def.derived);
        let parent = def.and_then(|def| def.parent);
        let is_multi = parent
            .or(Some(attr))
            .and_then(|attr| registry.get(attr))
            .is_none_or(|def| def.multi_valued);
        // A user name is the entry's RDN; several values of one record attribute are more than
        // their texts.
        if def.is_none() || is_multi || attr == attr::USER_NAME {
            return Err(Error::FixedAttribute(self.attribute.name()));
        }
        let path = match parent {
            Some(parent) => path(parent, None, Some(attr)),
            None => path(attr, None, None),
        };
        ops.push(self.only(path, |text| text.into())?);
        Ok(())
    }

    /// Puts in place the one value there may be.
    fn only(&self, path: Path, value: impl Fn(&str) -> Value) -> Result<PatchOp, Error> {
        match self.values.as_slice() {
            [] => Ok(op(PatchKind::Remove, path, Vec::new())),
            [only] => Ok(op(PatchKind::Replace, path, vec![value(only)])),
            _ => Err(Error::SingleValue(self.attribute.name())),
        }
    }

    /// Takes out elements and adds new ones; those that stay keep what else they have.
    fn elements(&self, typed: Typed, ops: &mut Vec<PatchOp>) {
        let gone = self.before.iter().filter(|old| !self.values.contains(old));
        for old in gone {
            let untyped = Filter::Not(Box::new(Filter::Present(typed.ty)));
            let of_type = Filter::equal(typed.ty, MatchingRule::CaseIgnore, kind_of(typed));
            let of_type = match typed.or_untyped {
                true => Filter::Or(vec![of_type, untyped]),
                false => of_type,
            };
            let value = MatchingRule::CaseExact.key(old).unwrap_or_default();
            let value = Filter::equal(typed.value, MatchingRule::CaseExact, Key::Text(value));
            let path = path(typed.attr, Some(Filter::And(vec![of_type, value])), None);
            ops.push(op(PatchKind::Remove, path, Vec::new()));
        }
        let new = self.values.iter().filter(|new| !self.before.contains(new));
        for new in new {
            let element = Attributes::new()
                .with(typed.value, new.as_str())
                .with(typed.ty, typed.kind);
            let path = path(typed.attr, None, None);
            ops.push(op(PatchKind::Add, path, vec![element.into()]));
        }
    }
}

fn kind_of(typed: Typed) -> Key {
    Key::Text(typed.kind.into())
}

fn path(attr: AttrId, filter: Option<Filter>, sub: Option<AttrId>) -> Path {
    Path {
        attr,
        filter,
        sub,
        text: String::new(),
    }
}

fn op(kind: PatchKind, path: Path, values: Vec<Value>) -> PatchOp {
    PatchOp {
        kind,
        path,
        values,
        create_missing: true,
    }
}

/// What the modifications make of `userPassword`, of which there is one value that nobody reads.
#[derive(Default)]
struct Passwords {
    is_touched: bool,
    old: Option<Vec<u8>>,
    /// Whether the present one is to go.
    goes: bool,
    new: Option<String>,
}

impl Passwords {
    fn change(&mut self, change: &LdapModify) -> Result<(), Error> {
        self.is_touched = true;
        let only = match change.modification.vals.as_slice() {
            [] => None,
            [only] => Some(only),
            _ => return Err(Error::SingleValue("userPassword")),
        };
        match (&change.operation, only) {
            (LdapModifyType::Delete, old) if !self.goes && self.new.is_none() => {
                self.old = old.cloned();
                self.goes = true;
            }
            (LdapModifyType::Add, Some(new)) if self.goes && self.new.is_none() => {
                self.new = Some(chosen(new)?);
            }
            (LdapModifyType::Add, _) => return Err(Error::ValueExists),
            (LdapModifyType::Replace, Some(new)) => {
                self.new = Some(chosen(new)?);
                self.goes = true;
            }
            _ => return Err(Error::FixedAttribute("userPassword")),
        }
        Ok(())
    }

    fn planned(self) -> Result<Planned, Error> {
        let mut planned = Planned::default();
        if !self.is_touched {
            return Ok(planned);
        }
        // Who has no password cannot come back.
        let new = self.new.ok_or(Error::FixedAttribute("userPassword"))?;
        planned.ops.push(set_password(&new));
        planned.sets_password = true;
        planned.old_password = self.old;
        Ok(planned)
    }
}

/// The operation that sets a password.
pub(super) fn set_password(new: &str) -> PatchOp {
    op(
        PatchKind::Replace,
        path(attr::PASSWORD, None, None),
        vec![new.into()],
    )
}

/// A password as it was chosen: text, and not the hash of one.
pub(super) fn chosen(octets: &[u8]) -> Result<String, Error> {
    let is_hash = octets.first() == Some(&b'{') && octets.contains(&b'}');
    let text = str::from_utf8(octets).ok().filter(|_| !is_hash);
    text.map(ToOwned::to_owned).ok_or(Error::AssertionValue)
}
