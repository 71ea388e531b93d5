//! What a query asks for, whether it came by GET or by POST (RFC 7644 §3.4.2 and §3.4.3).

use jackfield_gateway::Error as Refusal;
use serde_json::{Map, Value as Json, json};

use super::page::Wanted;
use crate::call::{Call, names};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::message;
use crate::normalise;

/// The parameters of a query.
pub(crate) struct Params {
    pub(crate) filter: Option<String>,
    /// The attribute to order by.
    pub(crate) by: Option<String>,
    pub(crate) is_descending: bool,
    /// The attributes that are wanted, if the client says.
    pub(crate) only: Option<Vec<String>>,
    /// The attributes that are not wanted.
    pub(crate) except: Vec<String>,
    pub(crate) wanted: Wanted,
}

impl Params {
    /// Those of a GET of `endpoint`, whose name makes its cursors its own.
    ///
    /// # Errors
    /// [`Refusal::InvalidValue`].
    pub(crate) fn of_query(call: &Call, endpoint: &str) -> Result<Self, Error> {
        let text = |name| call.param(name).map(str::to_owned);
        let number = |name| call.param(name).map(|text| whole(text, name)).transpose();
        let list = |name| Some(names(call.list(name)?).map(str::to_owned).collect());
        let params = Self {
            filter: text("filter"),
            by: text("sortBy"),
            is_descending: is_descending(call.param("sortOrder"))?,
            only: list("attributes"),
            except: list("excludedAttributes").unwrap_or_default(),
            wanted: Wanted {
                start: number("startIndex")?,
                count: number("count"),
                cursor: text("cursor"),
                query: Vec::new(),
            },
        };
        Ok(params.of(endpoint))
    }

    /// Those of a POST of `/.search` behind `endpoint`.
    ///
    /// # Errors
    /// [`Refusal::InvalidSyntax`] if the body is no search, [`Refusal::InvalidValue`].
    pub(crate) fn of_body(dialect: &Dialect, body: &Json, endpoint: &str) -> Result<Self, Error> {
        let object = message::open(dialect, body, message::SEARCH_REQUEST)?;
        // Names are known in any case (RFC 7643 §2.1): what is passed over here widens the search.
        let member = |name| normalise::named(object, name).filter(|json: &&Json| !json.is_null());
        let text = |name| -> Result<Option<String>, Refusal> {
            let wrong = || Refusal::invalid_value(name, "text was expected");
            let json = member(name);
            json.map(|json| json.as_str().map(str::to_owned).ok_or_else(wrong))
                .transpose()
        };
        let params = Self {
            filter: text("filter")?,
            by: text("sortBy")?,
            is_descending: is_descending(text("sortOrder")?.as_deref())?,
            only: list(object, "attributes")?,
            except: list(object, "excludedAttributes")?.unwrap_or_default(),
            wanted: Wanted {
                start: number(dialect, object, "startIndex")?,
                count: number(dialect, object, "count"),
                cursor: text("cursor")?,
                query: Vec::new(),
            },
        };
        Ok(params.of(endpoint))
    }

    /// With what makes the query this one and no other.
    fn of(mut self, endpoint: &str) -> Self {
        let query = json!(["cursor", endpoint, self.filter, self.by, self.is_descending]);
        self.wanted.query = query.to_string().into_bytes();
        let is_said = |text: &String| !text.trim().is_empty();
        self.filter = self.filter.filter(is_said);
        self.by = self.by.map(|by| by.trim().to_owned()).filter(is_said);
        self
    }
}

/// RFC 7644 §3.4.2.3: ascending unless it says otherwise.
fn is_descending(direction: Option<&str>) -> Result<bool, Refusal> {
    match direction.map(str::trim) {
        None | Some("") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("descending") => Ok(true),
        Some(_) => {
            let problem = "ascending or descending was expected";
            Err(Refusal::invalid_value("sortOrder", problem))
        }
    }
}

fn whole(text: &str, name: &str) -> Result<i64, Refusal> {
    let problem = "a whole number was expected";
    let number = text.trim().parse().ok();
    number.ok_or_else(|| Refusal::invalid_value(name, problem))
}

fn number(
    dialect: &Dialect,
    object: &Map<String, Json>,
    name: &str,
) -> Result<Option<i64>, Refusal> {
    let number = match normalise::named(object, name) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) => normalise::integer(dialect, text),
        Some(json) => json.as_i64(),
    };
    let problem = "a whole number was expected";
    let wrong = || Refusal::invalid_value(name, problem);
    number.map(Some).ok_or_else(wrong)
}

/// A list of names, or names with commas between them as in a query.
fn list(object: &Map<String, Json>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let wrong = || Refusal::invalid_value(name, "a list of names was expected");
    match normalise::named(object, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(names(text).map(str::to_owned).collect())),
        Some(Json::Array(list)) if list.is_empty() => Ok(None),
        Some(Json::Array(list)) => list
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}
