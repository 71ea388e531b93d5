//! From the modifications of a request to what they are in the record.

use std::collections::HashSet;

use jackfield_gateway::{Entry, Error as Gateway, Reader};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Filter, Kind, MatchingRule, Registry, Value};
use ldap3_proto::proto::{LdapModify, LdapModifyType};

use crate::filter::Test;
use crate::filter::value::{equality, lined};
use crate::schema::{AttributeType, Family, Schema, Source, Typed};
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

/// The most values of one attribute that the modifications of a request may name together. A record
/// has no more elements of one attribute.
const MOST_VALUES: usize = 1_000;

/// One attribute, as far as the modifications have come.
struct Touched {
    attribute: &'static AttributeType,
    before: Vec<String>,
    values: Vec<Held>,
    /// How many values the request has named.
    named: usize,
}

/// A value of an attribute.
struct Held {
    text: String,
    /// What values that are equal to it satisfy.
    test: Option<Test>,
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
            // What stands in for a value is none that could be changed.
            if stand_in(attribute).is_none_or(|own| !record::lacks(entry, own)) {
                record::texts(reader, entry, attribute, &mut |text| before.push(text));
            }
            let values = before.iter().map(|text| Held {
                test: equality(attribute.family, text.as_bytes()),
                text: text.clone(),
            });
            touched.push(Touched {
                attribute,
                values: values.collect(),
                before,
                named: 0,
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
        self.named += vals.len();
        if self.named > MOST_VALUES {
            let what = "the number of values of one attribute in a modification";
            let limit = u64::try_from(MOST_VALUES).unwrap_or(u64::MAX);
            return Err(Gateway::TooMuch { what, limit }.into());
        }
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
                let found = self.values.iter().position(|own| own.is(test));
                self.values.remove(found.ok_or(Error::NoSuchAttribute)?);
                Ok(())
            }),
            LdapModifyType::Add => self.add(tests, vals),
            LdapModifyType::Replace => {
                self.values.clear();
                self.add(tests, vals)
            }
        }
    }

    fn add(&mut self, tests: Vec<Test>, vals: &[Vec<u8>]) -> Result<(), Error> {
        for (test, value) in tests.into_iter().zip(vals) {
            let text = storable(self.attribute.family, value)?.to_owned();
            if self.values.iter().any(|own| own.is(&test)) {
                return Err(Error::ValueExists);
            }
            let test = Some(test);
            self.values.push(Held { text, test });
        }
        Ok(())
    }

    /// What the change of values is in the record of a person.
    fn to_ops(&self, ops: &mut Vec<PatchOp>) -> Result<(), Error> {
        let name = self.attribute.name();
        let mut sources = self.attribute.sources.iter();
        let source = sources.find(|(kinds, _)| kinds.contains(Kind::User));
        match source.map(|(_, source)| *source) {
            Some(Source::Leaf(_)) if self.values.is_empty() && self.is_mandatory() => {
                Err(Error::MandatoryAttribute(name))
            }
            Some(Source::Leaf(attr)) => self.leaf(attr, ops),
            Some(Source::Typed(typed)) if typed.attr == attr::PHONE_NUMBERS => {
                self.elements(typed, ops);
                Ok(())
            }
            Some(Source::Typed(typed)) => {
                let of_type = Filter::equal(typed.ty, MatchingRule::CaseIgnore, kind_of(typed));
                let path = path(typed.attr, Some(of_type), Some(typed.value));
                let op = self.only(path, |text| {
                    lined(self.attribute.family, text.into()).as_ref().into()
                })?;
                let missing = Some(Attributes::new().with(typed.ty, typed.kind));
                ops.push(PatchOp { missing, ..op });
                Ok(())
            }
            _ => Err(Error::FixedAttribute(name)),
        }
    }

    /// Whether an entry has it whatever is in the record.
    fn is_mandatory(&self) -> bool {
        stand_in(self.attribute).is_some()
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
            [only] => Ok(op(PatchKind::Replace, path, vec![value(&only.text)])),
            _ => Err(Error::SingleValue(self.attribute.name())),
        }
    }

    /// Takes out elements and adds new ones, all at once; those that stay keep what else they have.
    fn elements(&self, typed: Typed, ops: &mut Vec<PatchOp>) {
        let before: HashSet<&str> = self.before.iter().map(String::as_str).collect();
        let after: HashSet<&str> = self.values.iter().map(|own| own.text.as_str()).collect();
        let gone: Vec<&str> = before.difference(&after).copied().collect();
        if !gone.is_empty() {
            let is_gone = match gone.len() == before.len() {
                true => Filter::Present(typed.value),
                false => Filter::Or(gone.into_iter().map(|old| is_value(typed, old)).collect()),
            };
            let filter = Filter::And(vec![is_of_type(typed), is_gone]);
            let path = path(typed.attr, Some(filter), None);
            ops.push(op(PatchKind::Remove, path, Vec::new()));
        }
        let texts = self.values.iter().map(|own| own.text.as_str());
        let new = texts.filter(|text| !before.contains(text)).map(|new| {
            let element = Attributes::new().with(typed.value, new);
            element.with(typed.ty, typed.kind).into()
        });
        let new: Vec<Value> = new.collect();
        if !new.is_empty() {
            ops.push(op(PatchKind::Add, path(typed.attr, None, None), new));
        }
    }
}

impl Held {
    fn is(&self, test: &Test) -> bool {
        self.test.as_ref() == Some(test)
    }
}

/// The leaf for which the common name stands in where the record has no value of it.
fn stand_in(attribute: &AttributeType) -> Option<AttrId> {
    let mut sources = attribute.sources.iter();
    sources.find_map(|(_, source)| match source {
        Source::CommonNameWithout(own) => Some(*own),
        _ => None,
    })
}

/// A value to be kept: text in UTF-8 (RFC 4517 §3.3.6), a number with a digit in it and in the
/// characters of a PrintableString (§3.3.31).
fn storable(family: Family, value: &[u8]) -> Result<&str, Error> {
    let text = str::from_utf8(value).map_err(|_| Error::AssertionValue)?;
    let is_printable = |c: char| c.is_ascii_alphanumeric() || PUNCTUATION.contains(c);
    let is_number =
        || text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(is_printable);
    match family != Family::Telephone || is_number() {
        true => Ok(text),
        false => Err(Error::AssertionValue),
    }
}

/// What a PrintableString has beside letters and digits (RFC 4517 §1.4).
const PUNCTUATION: &str = "'()+,-./:=? ";

fn is_of_type(typed: Typed) -> Filter {
    let of_type = Filter::equal(typed.ty, MatchingRule::CaseIgnore, kind_of(typed));
    match typed.or_untyped {
        true => {
            let untyped = Filter::Not(Box::new(Filter::Present(typed.ty)));
            Filter::Or(vec![of_type, untyped])
        }
        false => of_type,
    }
}

fn is_value(typed: Typed, value: &str) -> Filter {
    let key = MatchingRule::CaseExact.key(value).unwrap_or_default();
    Filter::equal(typed.value, MatchingRule::CaseExact, Key::Text(key))
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
        missing: None,
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
