//! PATCH paths (RFC 7644 §3.5.2, errata 4690 and 7122): `attribute`, `attribute.sub`,
//! `attribute[filter]`, `attribute[filter].sub`, each behind a URN if need be, or a URN alone.

use jackfield_gateway::Error;
use jackfield_model::path::Path;
use jackfield_model::schema::{Schema, Type};
use jackfield_model::{Attributes, Filter};

use crate::dialect::Dialect;
use crate::filter;
use crate::name::{self, Name, Unknown};
use crate::resource::ResourceType;
use crate::token::{Token, Tokens};

/// What a path aims at.
#[derive(Debug, PartialEq)]
pub(crate) enum Target {
    /// An attribute or part of one.
    Attribute(Path),
    /// All attributes of a schema.
    Schema(Schema),
    /// An attribute of a schema that is not ours.
    Foreign,
}

/// Reads a path into resources of this type.
///
/// # Errors
/// [`Error::InvalidPath`] if it cannot be read, or names an attribute that one of our schemas
/// does not have.
pub(crate) fn parse(dialect: &Dialect, ty: ResourceType, text: &str) -> Result<Target, Error> {
    read(dialect, ty, text).map_err(|problem| Error::InvalidPath {
        path: text.to_owned(),
        problem,
    })
}

fn read(dialect: &Dialect, ty: ResourceType, text: &str) -> Result<Target, String> {
    let mut tokens = Tokens::new(text)?;
    let Some(Token::Word(word)) = tokens.take()? else {
        return Err("an attribute's name was expected".to_owned());
    };
    let named = match name::resolve(dialect, &[ty], word) {
        Ok(Name::Schema(schema)) if tokens.peek().is_none() => return Ok(Target::Schema(schema)),
        Ok(Name::Schema(_)) => return Err("a schema has no values to choose from".to_owned()),
        Ok(Name::Attribute { attr, sub }) => Some((attr, sub)),
        Err(Unknown::Schema) => None,
        Err(Unknown::Attribute) => return Err(format!("{} has no such attribute", ty.name())),
    };
    let chosen = if tokens.take_if(&Token::OpenValue)? {
        let inner = filter::expression(&mut tokens)?;
        if !tokens.take_if(&Token::CloseValue)? {
            return Err("a \"]\" was expected".to_owned());
        }
        Some(inner)
    } else {
        None
    };
    let behind = match tokens.take()? {
        None => None,
        Some(Token::Word(word)) if chosen.is_some() => Some(
            word.strip_prefix('.')
                .ok_or("a sub-attribute was expected behind the \"]\"")?,
        ),
        Some(_) => return Err("it goes on where it should end".to_owned()),
    };
    if tokens.peek().is_some() {
        return Err("it goes on where it should end".to_owned());
    }
    let Some((attr, mut sub)) = named else {
        return Ok(Target::Foreign);
    };
    let mut filter: Option<Filter> = None;
    if let Some(inner) = &chosen {
        let is_complex = dialect
            .registry()
            .get(attr)
            .is_some_and(|def| def.ty == Type::Complex);
        if sub.is_some() || !is_complex {
            return Err("it has no elements to choose from".to_owned());
        }
        filter = Some(filter::compile_elements(dialect, attr, inner)?);
    }
    if let Some(behind) = behind {
        sub = Some(name::sub(dialect, attr, behind).ok_or_else(|| format!("it has no {behind}"))?);
    }
    Ok(Target::Attribute(Path {
        attr,
        filter,
        sub,
        text: text.to_owned(),
    }))
}

/// The element that the path's filter describes, if it is one of equalities: with the values as they were
/// written, which the filter has prepared.
pub(crate) fn described(dialect: &Dialect, path: &Path) -> Option<Attributes> {
    path.filter.as_ref()?;
    let mut tokens = Tokens::new(&path.text).ok()?;
    // The attribute's name.
    tokens.take().ok()?;
    tokens.take_if(&Token::OpenValue).ok()?;
    let inner = filter::expression(&mut tokens).ok()?;
    filter::described(dialect, path.attr, &inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_model::rule::Key;
    use jackfield_model::schema::attr;
    use jackfield_model::{AttrId, MatchingRule};

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn parse(ty: ResourceType, text: &str) -> Result<Target, Error> {
        super::parse(&Dialect::default(), ty, text)
    }

    fn work() -> Filter {
        Filter::equal(
            attr::EMAILS_TYPE,
            MatchingRule::CaseIgnore,
            Key::Text("work".into()),
        )
    }

    #[test]
    fn paths_name_attributes_elements_and_sub_attributes() {
        let manager = format!("{ENTERPRISE}:manager.value");
        for (text, attr, filter, sub) in [
            ("userName", attr::USER_NAME, None, None),
            (
                "NAME.givenname",
                attr::NAME,
                None,
                Some(attr::NAME_GIVEN_NAME),
            ),
            ("emails", attr::EMAILS, None, None),
            ("emails.value", attr::EMAILS, None, Some(attr::EMAILS_VALUE)),
            ("emails[type eq \"Work\"]", attr::EMAILS, Some(work()), None),
            (
                "emails[type eq \"work\"].value",
                attr::EMAILS,
                Some(work()),
                Some(attr::EMAILS_VALUE),
            ),
            (
                manager.as_str(),
                attr::MANAGER,
                None,
                Some(attr::MANAGER_VALUE),
            ),
        ] {
            let expected = Path {
                attr,
                filter,
                sub,
                text: text.to_owned(),
            };
            assert_eq!(
                parse(ResourceType::User, text),
                Ok(Target::Attribute(expected))
            );
        }
    }

    #[test]
    fn a_urn_alone_aims_at_its_schema_and_a_foreign_one_at_nothing() {
        assert_eq!(
            parse(ResourceType::User, ENTERPRISE),
            Ok(Target::Schema(Schema::Enterprise))
        );
        for foreign in [
            "urn:example:2.0:User:tag",
            "urn:example:2.0:User:tags[value eq \"a\"]",
        ] {
            assert_eq!(parse(ResourceType::User, foreign), Ok(Target::Foreign));
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            " ",
            "shoeSize",
            "name.shoeSize",
            "members",
            "emails[",
            "emails[]",
            "emails[type eq \"work\"",
            "emails[type eq \"work\"]value",
            "emails[type eq \"work\"].shoeSize",
            "emails[type eq \"work\"].value pr",
            "emails[shoeSize eq \"work\"]",
            "emails[value[type pr]]",
            "emails.value[type eq \"work\"]",
            "userName[value pr]",
            "userName eq \"a\"",
            "\"userName\"",
            "urn:example:2.0:User:tags[",
            "urn:ietf:params:scim:schemas:core:2.0:User[a pr]",
        ] {
            let refused = parse(ResourceType::User, text);
            assert!(
                matches!(refused, Err(Error::InvalidPath { .. })),
                "{text}: {refused:?}"
            );
        }
    }

    #[test]
    fn ids_compare_as_text_inside_elements() {
        let id = "0193a1b2-0000-7000-8000-000000000001";
        let parsed = parse(ResourceType::Group, &format!("members[value eq \"{id}\"]"));
        let Ok(Target::Attribute(Path {
            attr,
            filter: Some(filter),
            ..
        })) = parsed
        else {
            panic!("{parsed:?}")
        };
        let expected: AttrId = attr::MEMBERS;
        assert_eq!(attr, expected);
        assert!(matches!(
            filter,
            Filter::Match(attr::MEMBERS_VALUE, MatchingRule::Id, _)
        ));
    }
}
