//! Attribute values, and the bag in which a record keeps them.

mod stored;

use std::fmt;
use std::slice;

use smol_str::SmolStr;

use crate::schema::AttrId;
use crate::time::Timestamp;

/// One value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Text, kept exactly as it came.
    Str(SmolStr),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A moment.
    Time(Timestamp),
    /// Octets.
    Bytes(Box<[u8]>),
    /// A complex value: its sub-attributes (RFC 7643 §2.3.8).
    Complex(Attributes),
}

impl Value {
    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The sub-attributes, if this is complex.
    pub fn as_complex(&self) -> Option<&Attributes> {
        match self {
            Self::Complex(attributes) => Some(attributes),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Attributes> for Value {
    fn from(attributes: Attributes) -> Self {
        Self::Complex(attributes)
    }
}

/// The values of one attribute: at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Values {
    One(Value),
    Many(Box<[Value]>),
}

impl Values {
    fn as_slice(&self) -> &[Value] {
        match self {
            Self::One(value) => slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn into_vec(self) -> Vec<Value> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values.into_vec(),
        }
    }
}

impl From<Vec<Value>> for Values {
    fn from(mut values: Vec<Value>) -> Self {
        match (values.len(), values.pop()) {
            (1, Some(value)) => Self::One(value),
            (_, last) => {
                values.extend(last);
                Self::Many(exact(values))
            }
        }
    }
}

/// A bag of attributes in the order of their ids; an attribute without values is not in it, which
/// makes absent, `null` and `[]` one state (RFC 7643 §2.5).
///
/// Only attributes of the top level, or the sub-attributes of one complex value, stand in one bag.
/// It takes no more room than what is in it, for there are millions.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes(Box<[(AttrId, Values)]>);

impl Attributes {
    /// An empty bag.
    pub fn new() -> Self {
        Self::default()
    }

    /// The values of `attr`; empty if it has none.
    pub fn values(&self, attr: AttrId) -> &[Value] {
        self.position(attr)
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or(&[], |(_, values)| values.as_slice())
    }

    /// The first (for a single-valued attribute, the only) value of `attr`.
    pub fn first(&self, attr: AttrId) -> Option<&Value> {
        self.values(attr).first()
    }

    /// The first value of `attr` as text.
    pub fn text(&self, attr: AttrId) -> Option<&str> {
        self.first(attr).and_then(Value::as_str)
    }

    /// The first value of `attr` as a boolean.
    pub fn flag(&self, attr: AttrId) -> Option<bool> {
        self.first(attr).and_then(Value::as_bool)
    }

    /// Puts `values` in the place of what `attr` had; an empty list removes it.
    pub fn set(&mut self, attr: AttrId, values: Vec<Value>) {
        if values.is_empty() {
            self.take(attr);
        } else {
            self.place(attr, values.into());
        }
    }

    /// Puts one value in the place of what `attr` had.
    pub fn put(&mut self, attr: AttrId, value: impl Into<Value>) {
        self.place(attr, Values::One(value.into()));
    }

    /// The same bag with one more value, for building.
    #[must_use]
    pub fn with(mut self, attr: AttrId, value: impl Into<Value>) -> Self {
        let mut values = self.take(attr);
        if values.is_empty() {
            self.put(attr, value);
        } else {
            values.push(value.into());
            self.set(attr, values);
        }
        self
    }

    /// Takes the values of `attr` out of the bag.
    pub fn take(&mut self, attr: AttrId) -> Vec<Value> {
        let Ok(at) = self.position(attr) else {
            return Vec::new();
        };
        let mut all = std::mem::take(&mut self.0).into_vec();
        let (_, values) = all.remove(at);
        self.0 = exact(all);
        values.into_vec()
    }

    fn place(&mut self, attr: AttrId, values: Values) {
        match self.position(attr) {
            Ok(at) => {
                if let Some((_, own)) = self.0.get_mut(at) {
                    *own = values;
                }
            }
            Err(at) => {
                let mut all = std::mem::take(&mut self.0).into_vec();
                all.reserve_exact(1);
                all.insert(at, (attr, values));
                self.0 = all.into_boxed_slice();
            }
        }
    }

    /// Each attribute with its values, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (AttrId, &[Value])> {
        self.0
            .iter()
            .map(|(attr, values)| (*attr, values.as_slice()))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a little of the bag, so that it is near when it is looked at. What it gives means
    /// nothing.
    pub fn touch(&self) -> usize {
        let ids = self.0.iter().map(|(attr, _)| usize::from(attr.0));
        ids.fold(0, usize::wrapping_add)
    }

    /// Reads a little of each complex value, which is kept outside of the bag. What it gives means
    /// nothing.
    pub fn touch_values(&self) -> usize {
        let mut touched = 0usize;
        for (_, values) in &self.0 {
            let elements = values.as_slice().iter().filter_map(Value::as_complex);
            touched = elements.map(Self::touch).fold(touched, usize::wrapping_add);
        }
        touched
    }

    fn position(&self, attr: AttrId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&attr, |(id, _)| *id)
    }
}

impl FromIterator<(AttrId, Value)> for Attributes {
    /// A bag of these, of which none has the attribute of another.
    fn from_iter<T: IntoIterator<Item = (AttrId, Value)>>(all: T) -> Self {
        let all = all.into_iter();
        let mut bag = Vec::with_capacity(all.size_hint().0);
        bag.extend(all.map(|(attr, value)| (attr, Values::One(value))));
        bag.into()
    }
}

impl From<Vec<(AttrId, Values)>> for Attributes {
    fn from(mut all: Vec<(AttrId, Values)>) -> Self {
        all.sort_by_key(|(attr, _)| *attr);
        Self(exact(all))
    }
}

/// The same in memory that has no more room: to make what is there smaller, an allocator may leave
/// it where it is.
fn exact<T>(all: Vec<T>) -> Box<[T]> {
    if all.len() == all.capacity() {
        return all.into_boxed_slice();
    }
    let mut own = Vec::with_capacity(all.len());
    own.extend(all);
    own.into_boxed_slice()
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |attr, values| stored::name(attr, values).unwrap_or("?".into());
        f.debug_map()
            .entries(
                self.iter()
                    .map(|(attr, values)| (name(attr, values), values)),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::attr;

    fn sample() -> Attributes {
        let email = |value: &str, kind: &str| {
            Attributes::new()
                .with(attr::EMAILS_VALUE, value)
                .with(attr::EMAILS_TYPE, kind)
        };
        Attributes::new()
            .with(attr::EMAILS, email("a@example.com", "work"))
            .with(attr::EMAILS, email("b@example.com", "home"))
            .with(attr::USER_NAME, "alice")
            .with(attr::ACTIVE, true)
            .with(
                attr::NAME,
                Attributes::new().with(attr::NAME_GIVEN_NAME, "Al"),
            )
    }

    #[test]
    fn a_bag_reads_back_from_the_store() {
        let bag = sample();
        let text = serde_json::to_string(&bag).unwrap();
        assert_eq!(
            serde_json::from_str::<Attributes>(&text).unwrap(),
            bag,
            "{text}"
        );
    }

    #[test]
    fn a_value_takes_no_more_than_text_does() {
        assert_eq!(size_of::<Value>(), size_of::<SmolStr>());
        assert_eq!(size_of::<Values>(), size_of::<SmolStr>());
    }

    #[test]
    fn absent_and_emptied_are_one_state() {
        let mut bag = sample();
        bag.set(attr::EMAILS, Vec::new());
        bag.set(attr::TITLE, Vec::new());
        assert!(bag.values(attr::EMAILS).is_empty());
        assert_eq!(bag.iter().count(), 3);
    }

    #[test]
    fn an_attribute_that_nobody_knows_is_an_error() {
        let read = serde_json::from_str::<Attributes>(r#"{"shoeSize": 44}"#);
        assert!(read.unwrap_err().to_string().contains("shoeSize"));
    }
}
