//! Where in the text a path is.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The place of the value at a path such as `role.owner.assigns[2]`: of a table the key that names
/// it, of what is not there the nearest thing above it that is, and of the whole file nothing.
pub(super) fn find(table: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let (key, rest) = match path.find(['.', '[']) {
        Some(end) => (path.get(..end)?, path.get(end..)?),
        None => (path, ""),
    };
    let (key, value) = table.get_key_value(key)?;
    within(value.get_ref(), rest).or_else(|| match value.get_ref() {
        DeValue::Table(_) => Some(key.span()),
        _ => Some(value.span()),
    })
}

fn within(value: &DeValue<'_>, path: &str) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => find(table, path.strip_prefix('.')?),
        DeValue::Array(array) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let value = array.get(index.parse::<usize>().ok()?)?;
            within(value.get_ref(), rest).or_else(|| Some(value.span()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_or_the_nearest_thing_above_it() {
        let text = "top = 1\n[role.owner]\ntitle = 'Owner'\nassigns = ['a', ['b'], { c = 'd' }]";
        let tree = DeTable::parse(text).unwrap();
        for (path, found) in [
            ("top", Some("1")),
            ("top.deeper", Some("1")),
            ("role", Some("role")),
            ("role.owner", Some("owner")),
            ("role.owner.rank", Some("owner")),
            ("role.other.rank", Some("role")),
            ("role.owner.title", Some("'Owner'")),
            ("role.owner.assigns[0]", Some("'a'")),
            ("role.owner.assigns[1][0]", Some("'b'")),
            ("role.owner.assigns[2].c", Some("'d'")),
            ("role.owner.assigns[9]", Some("['a', ['b'], { c = 'd' }]")),
            ("absent", None),
            ("", None),
        ] {
            assert_eq!(
                find(tree.get_ref(), path).map(|span| &text[span]),
                found,
                "{path}"
            );
        }
    }
}
