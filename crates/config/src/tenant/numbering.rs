//! `[numbering]`: how telephone numbers are dialled where the tenant is.

use jackfield_model::{DialFormat, ExtensionRange, Numbering};
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::format;

/// How numbers are dialled where the tenant is: it makes `+49 30 1234567`, `0049301234567` and
/// `(030) 123-4567` one number in every search.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberingTable {
    /// The country code, such as `"49"`.
    #[schemars(extend("format" = format::DIGITS))]
    country: String,
    /// What is dialled before a number of another country.
    #[serde(default = "international")]
    #[schemars(extend("format" = format::DIGITS))]
    international: String,
    /// What is dialled before a number of another area; `""` where there is no such prefix.
    #[serde(default = "trunk")]
    #[schemars(extend("format" = format::DIGITS_OR_NONE))]
    trunk: String,
    /// The area code without that prefix, for numbers that are written without one.
    #[schemars(extend("format" = format::DIGITS))]
    area: Option<String>,
    /// How many digits a national number has without that prefix, where all have as many: 10 in
    /// North America.
    #[schemars(range(min = 4, max = 14))]
    national_digits: Option<u8>,
    /// How numbers are shown to phones, which dial what they are shown: `written`, `e164`,
    /// `national`, or `prefix-9` for a 9 before what is no extension.
    #[serde(default)]
    #[schemars(with = "String", extend("format" = format::DIAL))]
    pub(crate) dial: DialFormat,
    /// Extensions that can be dialled from outside.
    #[serde(default)]
    extensions: Vec<RangeTable>,
}

/// Extensions behind one number of the public network.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RangeTable {
    /// What stands before them from outside, such as `"+4930555"`.
    #[schemars(extend("format" = format::E164))]
    prefix: String,
    /// How many digits they have.
    #[schemars(range(min = 1, max = 8))]
    digits: u8,
}

fn international() -> String {
    "00".to_owned()
}

fn trunk() -> String {
    "0".to_owned()
}

impl From<NumberingTable> for Numbering {
    fn from(table: NumberingTable) -> Self {
        let range = |range: RangeTable| ExtensionRange {
            prefix: range.prefix.into(),
            digits: range.digits,
        };
        Self {
            country: table.country.into(),
            international: table.international.into(),
            trunk: table.trunk.into(),
            area: table.area.map(SmolStr::from).unwrap_or_default(),
            national_digits: table.national_digits,
            extensions: table.extensions.into_iter().map(range).collect(),
        }
    }
}
