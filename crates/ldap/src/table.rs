//! Tables, as spreadsheets export them: a row is a person or a contact.

use encoding_rs::WINDOWS_1252;

use crate::ldif::Entry;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row is none.
    #[error(transparent)]
    Row(#[from] csv::Error),
    /// Nothing says who the rows are.
    #[error("the first row names no column such as \"user name\", \"name\" or \"uid\"")]
    Nameless,
}

/// What columns are called, and the attribute that each is; any other heading is an attribute's
/// own name.
const HEADINGS: [(&str, &str); 24] = [
    ("user", "uid"),
    ("user name", "uid"),
    ("username", "uid"),
    ("login", "uid"),
    ("name", "cn"),
    ("full name", "cn"),
    ("display name", "displayName"),
    ("first name", "givenName"),
    ("last name", "sn"),
    ("surname", "sn"),
    ("e-mail", "mail"),
    ("email", "mail"),
    ("e-mail address", "mail"),
    ("phone", "telephoneNumber"),
    ("phone number", "telephoneNumber"),
    ("work phone", "telephoneNumber"),
    ("business phone", "telephoneNumber"),
    ("mobile phone", "mobile"),
    ("home phone", "homePhone"),
    ("extension", "pbxExtension"),
    ("company", "o"),
    ("department", "ou"),
    ("job title", "title"),
    ("password", "userPassword"),
];

/// The rows of a table as entries of persons. Cells are parted by commas, semicolons or tabs, and
/// the text is UTF-8, UTF-16 with its mark, or what Windows writes in western Europe.
///
/// # Errors
/// If it is no table, or not of anybody who can be told.
pub fn entries(octets: &[u8]) -> Result<Vec<Entry>, Error> {
    let text = match str::from_utf8(octets) {
        Ok(text) => text.trim_start_matches('\u{FEFF}').into(),
        Err(_) => WINDOWS_1252.decode(octets).0,
    };
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = table.headers()?.iter().map(attribute).collect();
    if !columns
        .iter()
        .any(|column| ["uid", "cn", "displayName", "sn"].contains(&column.as_str()))
    {
        return Err(Error::Nameless);
    }
    table
        .records()
        .map(|row| {
            let row = row?;
            let line = row.position().map_or(0, csv::Position::line);
            let cells = columns
                .iter()
                .zip(&row)
                .filter(|(_, cell)| !cell.is_empty());
            let mut attributes = vec![("objectClass".to_owned(), b"inetOrgPerson".to_vec())];
            attributes.extend(cells.map(|(column, cell)| (column.clone(), value(column, cell))));
            Ok(Entry {
                line,
                dn: String::new(),
                attributes,
            })
        })
        .collect()
}

fn attribute(heading: &str) -> String {
    let heading = heading.trim();
    let known = HEADINGS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(heading));
    known.map_or(heading, |(_, attribute)| attribute).to_owned()
}

/// A password in a table is the password itself, unless it is marked as a hash.
fn value(column: &str, cell: &str) -> Vec<u8> {
    let is_plain = column == "userPassword" && !cell.starts_with(['{', '$']);
    let text = if is_plain {
        format!("{{CLEARTEXT}}{cell}")
    } else {
        cell.to_owned()
    };
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(octets: &[u8]) -> Vec<Vec<(String, String)>> {
        let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8(value).unwrap());
        let cells = |entry: Entry| entry.attributes.into_iter().skip(1).map(text).collect();
        entries(octets).unwrap().into_iter().map(cells).collect()
    }

    #[test]
    fn columns_are_known_by_what_people_call_them_and_by_their_own_names() {
        let expected = [
            ("uid", "ann"),
            ("cn", "Ann Müller"),
            ("telephoneNumber", "030 1"),
            ("roomNumber", "7"),
        ];
        let expected = vec![
            expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        ];
        let table =
            "User Name;Full name;Phone;roomNumber;Mobile phone\r\nann;Ann Müller; 030 1 ;7;\r\n";
        assert_eq!(rows(table.as_bytes()), expected);
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(table.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(rows(&utf16), expected);
        let windows = WINDOWS_1252.encode(table).0;
        assert_eq!(rows(&windows), expected);
        assert_eq!(rows(table.replace(';', "\t").as_bytes()), expected);
    }

    #[test]
    fn a_password_is_plain_unless_it_is_marked() {
        let found = rows(b"uid,password\na,secret\nb,{SSHA}x\n");
        assert_eq!(found[0][1].1, "{CLEARTEXT}secret");
        assert_eq!(found[1][1].1, "{SSHA}x");
    }

    #[test]
    fn a_table_without_names_is_refused() {
        assert!(entries(b"colour,shape\nred,round\n").is_err());
    }
}
