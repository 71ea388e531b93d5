//! The operations of a PATCH (RFC 7644 §3.5.2), decoded against the schema.

use jackfield_gateway::Error;
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::{Mutability, Schema, Type, attr};
use jackfield_model::{AttrDef, ConnectionKind, Value};
use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::path::{self, Target};
use crate::repair::Repair;
use crate::resource::ResourceType;
use crate::{decode, message, name, normalise};

/// Decodes the body of a PATCH.
///
/// # Errors
/// [`Error::InvalidSyntax`] if it is no PATCH, [`Error::InvalidPath`], [`Error::InvalidValue`],
/// [`Error::Mutability`] for what cannot be changed so, [`Error::NoTarget`] for a `remove` without
/// a path.
pub(crate) fn decode(
    dialect: &Dialect,
    ty: ResourceType,
    body: &Json,
) -> Result<Vec<PatchOp>, Error> {
    let object = message::open(dialect, body, message::PATCH_OP)?;
    let invalid = |problem: &str| Error::InvalidSyntax(problem.to_owned());
    let Some(Json::Array(list)) = normalise::member(dialect, object, "Operations") else {
        return Err(invalid("a list of Operations was expected"));
    };
    // Microsoft's validator sends that.
    if list.is_empty() && !dialect.takes(Repair::EmptyOperations) {
        return Err(invalid("at least one operation was expected"));
    }
    let mut operations = Operations {
        dialect,
        ty,
        all: Vec::with_capacity(list.len()),
    };
    for (index, item) in list.iter().enumerate() {
        let first = operations.all.len();
        let item = item
            .as_object()
            .ok_or_else(|| invalid("an operation is no JSON object"));
        let read = item.and_then(|item| operations.read(item));
        read.map_err(|error| in_operation(index, error))?;
        // What is found wrong only once it is carried out is told by this, too.
        for operation in operations.all.iter_mut().skip(first) {
            operation.path.text = named(index, &operation.path.text);
        }
    }
    Ok(operations.all)
}

/// The error, which says in which operation it is.
fn in_operation(index: usize, mut error: Error) -> Error {
    match &mut error {
        Error::InvalidSyntax(text)
        | Error::InvalidPath { path: text, .. }
        | Error::InvalidValue { path: text, .. }
        | Error::Mutability { path: text, .. }
        | Error::NoTarget { path: text } => *text = named(index, text),
        _ => {}
    }
    error
}

fn named(index: usize, text: &str) -> String {
    format!("Operations[{index}]: {text}")
}

struct Operations<'d> {
    dialect: &'d Dialect,
    ty: ResourceType,
    all: Vec<PatchOp>,
}

impl Operations<'_> {
    fn read(&mut self, item: &Map<String, Json>) -> Result<(), Error> {
        let invalid = |problem: &str| Error::InvalidSyntax(problem.to_owned());
        let kind = normalise::member(self.dialect, item, "op")
            .and_then(Json::as_str)
            .and_then(|op| normalise::operation(self.dialect, op))
            .ok_or_else(|| invalid("op takes add, remove or replace"))?;
        let path = match normalise::member(self.dialect, item, "path") {
            None | Some(Json::Null) => None,
            Some(Json::String(path)) if path.trim().is_empty() => None,
            Some(Json::String(path)) => Some(path.as_str()),
            Some(_) => return Err(invalid("path takes text")),
        };
        let value = normalise::member(self.dialect, item, "value");
        match (kind, path, value) {
            (PatchKind::Remove, Some(path), value) => self.remove(path, value),
            (PatchKind::Remove, None, _) => Err(Error::NoTarget {
                path: "a remove without a path".to_owned(),
            }),
            (_, _, None) => Err(Error::invalid_value(
                path.unwrap_or("value"),
                "a value was expected",
            )),
            (_, Some(path), Some(value)) => self.write(kind, path, value),
            (_, None, Some(value)) => self.write_members(kind, value),
        }
    }

    /// Sets what a path names. Unlike in a body, naming what cannot be written is an error.
    fn write(&mut self, kind: PatchKind, text: &str, json: &Json) -> Result<(), Error> {
        if text.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        match path::parse(self.dialect, self.ty, text)? {
            Target::Attribute(path) => {
                check_writable(self.dialect, &path)?;
                self.assign(kind, path, json)
            }
            Target::Schema(schema) => self.write_schema(kind, schema, json),
            Target::Foreign => self.pass_over(text),
        }
    }

    /// Without a path the value is an object, each member an operation of its own: names may be
    /// nested by dots, stand behind a URN, or choose elements, as Entra ID writes them. What
    /// cannot be written, or nobody knows, is ignored: Okta and authentik send the `id` too.
    fn write_members(&mut self, kind: PatchKind, json: &Json) -> Result<(), Error> {
        let json = normalise::unwrap_single(self.dialect, json);
        let object = normalise::written_out(self.dialect, json);
        let object =
            object.ok_or_else(|| Error::invalid_value("value", "an object was expected"))?;
        for (key, json) in object.as_ref() {
            let is_schemas = key.eq_ignore_ascii_case("schemas");
            if !(is_schemas && self.dialect.ignores(Repair::ReadOnlyInPatch, key)) {
                self.write_member(kind, None, key, json)?;
            }
        }
        Ok(())
    }

    fn write_schema(&mut self, kind: PatchKind, schema: Schema, json: &Json) -> Result<(), Error> {
        let urn = self.dialect.registry().urn(schema).unwrap_or_default();
        match (normalise::unwrap_single(self.dialect, json), kind) {
            (Json::Object(object), _) => {
                // Which schemas a resource has follows from its attributes.
                let named = |key: &str| !key.eq_ignore_ascii_case("schemas");
                for (key, json) in object.iter().filter(|(key, _)| named(key)) {
                    self.write_member(kind, Some(urn), key, json)?;
                }
                Ok(())
            }
            (json, PatchKind::Replace) if normalise::is_unassigned(self.dialect, json) => {
                self.remove_schema(schema)
            }
            (json, _) if normalise::is_unassigned(self.dialect, json) => Ok(()),
            _ => Err(Error::invalid_value(urn, "an object was expected")),
        }
    }

    /// Sets what a key names, in the object of the schema `urn` if there is one.
    fn write_member(
        &mut self,
        kind: PatchKind,
        urn: Option<&str>,
        key: &str,
        json: &Json,
    ) -> Result<(), Error> {
        let whole = urn.map(|urn| format!("{urn}:{key}"));
        let ty = urn.is_none().then_some(self.ty);
        let name = whole.as_deref().unwrap_or(key);
        match path::parse(self.dialect, self.ty, name) {
            Ok(Target::Attribute(Path { attr, sub, .. }))
                if !normalise::is_key(self.dialect, ty, attr, sub, key) =>
            {
                self.pass_over(key)
            }
            Ok(Target::Attribute(path)) => match check_writable(self.dialect, &path) {
                Ok(()) => self.assign(kind, path, json),
                Err(_) if self.dialect.ignores(Repair::ReadOnlyInPatch, key) => Ok(()),
                Err(error) => Err(error),
            },
            Ok(Target::Schema(schema)) => self.write_schema(kind, schema, json),
            Err(error) if key.contains('[') => Err(error),
            Ok(Target::Foreign) | Err(_) => self.pass_over(key),
        }
    }

    /// Passes over a name that no schema of ours has.
    fn pass_over(&self, name: &str) -> Result<(), Error> {
        if self.dialect.ignores(Repair::UnknownAttribute, name) {
            return Ok(());
        }
        Err(Error::InvalidPath {
            path: name.to_owned(),
            problem: "no schema has it".to_owned(),
        })
    }

    fn assign(&mut self, kind: PatchKind, path: Path, json: &Json) -> Result<(), Error> {
        let (top, def) = definitions(self.dialect, &path)?;
        if normalise::is_unassigned(self.dialect, json) {
            return match kind {
                PatchKind::Add => Ok(()),
                _ if self.is_required(&path) => {
                    Err(Error::invalid_value(&path.text, "it must not be empty"))
                }
                _ => {
                    self.push(PatchKind::Remove, path, Vec::new());
                    Ok(())
                }
            };
        }
        if def.ty == Type::Complex && !def.multi_valued && path.filter.is_none() {
            self.unassign_parts(kind, &path, top, json);
        }
        let values = decode::values(self.dialect, def, json, &path.text)?;
        match (values.is_empty(), kind, def.multi_valued) {
            (false, ..) => self.push(kind, path, values),
            (true, PatchKind::Replace, true) => self.push(PatchKind::Remove, path, values),
            (true, ..) => {}
        }
        Ok(())
    }

    /// What `{"familyName": null}` unassigns inside a complex value whose other parts stay.
    fn unassign_parts(&mut self, kind: PatchKind, path: &Path, top: &AttrDef, json: &Json) {
        let Some(object) = normalise::unwrap_single(self.dialect, json).as_object() else {
            return;
        };
        if kind != PatchKind::Replace {
            return;
        }
        for (key, _) in object
            .iter()
            .filter(|(_, json)| normalise::is_unassigned(self.dialect, json))
        {
            if let Some(sub) = name::sub(self.dialect, top.id, key) {
                let part = Path {
                    sub: Some(sub),
                    ..path.clone()
                };
                self.push(PatchKind::Remove, part, Vec::new());
            }
        }
    }

    fn remove(&mut self, text: &str, value: Option<&Json>) -> Result<(), Error> {
        let path = match path::parse(self.dialect, self.ty, text)? {
            Target::Attribute(path) => path,
            Target::Schema(schema) => return self.remove_schema(schema),
            Target::Foreign => return self.pass_over(text),
        };
        check_writable(self.dialect, &path)?;
        if self.is_required(&path) {
            return Err(mutability(&path, "it is required"));
        }
        let (_, def) = definitions(self.dialect, &path)?;
        let value = value.filter(|value| !value.is_null());
        let listed = value.filter(|_| def.multi_valued && path.filter.is_none());
        let values = match listed {
            None => Vec::new(),
            // Entra ID, authentik and others list what is to go. A list of nothing takes nothing
            // away: it must never empty a group.
            Some(listed) if !self.dialect.takes(Repair::ListedRemoval) => {
                let problem = format!("a remove of {text} takes no value, but got {listed}");
                return Err(Error::InvalidSyntax(problem));
            }
            Some(listed) => match decode::values(self.dialect, def, listed, text)? {
                values if values.is_empty() => return Ok(()),
                values => values,
            },
        };
        self.push(PatchKind::Remove, path, values);
        Ok(())
    }

    fn remove_schema(&mut self, schema: Schema) -> Result<(), Error> {
        if schema == self.ty.base() {
            let path = schema.urn().unwrap_or_default().to_owned();
            let problem = "a resource cannot be without its own schema".to_owned();
            return Err(Error::Mutability { path, problem });
        }
        for def in self.dialect.registry().attributes_of(schema) {
            let path = Path {
                attr: def.id,
                filter: None,
                sub: None,
                text: self.dialect.registry().path(def.id).into(),
            };
            if check_writable(self.dialect, &path).is_ok() {
                self.push(PatchKind::Remove, path, Vec::new());
            }
        }
        Ok(())
    }

    fn push(&mut self, kind: PatchKind, path: Path, values: Vec<Value>) {
        // No omission lets a disabled user in again, but where the letter of RFC 7644 holds.
        let is_strict = self.dialect.kind() == ConnectionKind::Strict;
        if kind == PatchKind::Remove && path.attr == attr::ACTIVE && !is_strict {
            return;
        }
        let makes = kind != PatchKind::Remove && self.dialect.has(Repair::MissingElement);
        let missing = match makes {
            true => path::described(self.dialect, &path),
            false => None,
        };
        self.all.push(PatchOp {
            kind,
            path,
            values,
            missing,
        });
    }

    fn is_required(&self, path: &Path) -> bool {
        let def = self.dialect.registry().get(path.attr);
        path.sub.is_none() && def.is_some_and(|def| self.ty.requires(def))
    }
}

/// The definitions of the attribute that the path names, and of the part of it that it aims at.
fn definitions<'d>(dialect: &'d Dialect, path: &Path) -> Result<(&'d AttrDef, &'d AttrDef), Error> {
    let registry = dialect.registry();
    let top = registry.get(path.attr);
    let part = path.sub.map_or(top, |sub| registry.get(sub));
    top.zip(part).ok_or(Error::Internal)
}

/// RFC 7644 §3.5.2: what is read-only cannot be changed, nor what is immutable once it is there,
/// as every part of a member is.
fn check_writable(dialect: &Dialect, path: &Path) -> Result<(), Error> {
    let (top, part) = definitions(dialect, path)?;
    for def in [top, part] {
        match def.mutability {
            Mutability::ReadOnly => return Err(mutability(path, "it is read-only")),
            // What a tenant's own schema calls so may be given once: the plan knows what there is.
            Mutability::Immutable if def.own.is_some() && def.parent.is_none() => {}
            Mutability::Immutable => return Err(mutability(path, "it is immutable")),
            Mutability::ReadWrite | Mutability::WriteOnly => {}
        }
    }
    Ok(())
}

fn mutability(path: &Path, problem: &str) -> Error {
    Error::Mutability {
        path: path.text.clone(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests;
