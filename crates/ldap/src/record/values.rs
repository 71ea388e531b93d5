//! What values an entry has of one source.

use std::ops::ControlFlow;

use jackfield_gateway::{Entry, Reader, ValueRef};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Kind, PasswordForm, Record, Value};

use super::shown::Shown;
use super::windows::{account_control, windows_time};
use crate::schema::classes::{classes_of, common_classes_of, structural_of};
use crate::schema::sid::Domain;
use crate::schema::{SecretForm, Source, Typed};
use crate::subschema;

/// Whether to give the next value.
pub(super) type Flow = ControlFlow<()>;

/// Gives each value of a source, if the reader may read what it is made of.
pub(super) fn values(
    reader: &Reader,
    entry: Entry<'_>,
    source: Source,
    each: &mut dyn FnMut(Shown<'_>) -> Flow,
) -> Flow {
    if source.guard().is_some_and(|attr| !entry.may_read(attr)) {
        return Flow::Continue(());
    }
    let record = entry.record();
    match source {
        Source::Leaf(attr) => entry.leaf(attr, &mut |value| each(Shown::of(value))),
        Source::NumberAsName => {
            let name = entry.common_name();
            entry.leaf(attr::EXTENSION_NUMBER, &mut |value| match value {
                ValueRef::Str(number) if number == name => Flow::Continue(()),
                value => each(Shown::of(value)),
            })
        }
        Source::CommonNameWithout(own) if !lacks(entry, own) => Flow::Continue(()),
        Source::CommonNameWithout(_) => {
            entry.leaf(attr::COMMON_NAME, &mut |value| each(Shown::of(value)))
        }
        Source::Typed(typed) => {
            let mut elements = entry.elements(typed.attr, typed.kind, typed.or_untyped);
            elements.try_for_each(|element| element_values(typed, element, &mut *each))
        }
        Source::References { attr, .. } => {
            entry.references(attr, &mut |other| each(Shown::Name(other)))
        }
        Source::Registration(name) => {
            let told = reader.registration(record.id);
            match told.as_ref().and_then(|told| told.get(name)) {
                Some(value) => each(Shown::Text(value)),
                None => Flow::Continue(()),
            }
        }
        Source::SipSecret(form) => match sip_secret(reader, record, form) {
            Some(secret) => each(Shown::Text(&secret)),
            None => Flow::Continue(()),
        },
        Source::Account(source) => match reader.sip_secret(record.id) {
            Some(_) => values(reader, entry, *source, each),
            None => Flow::Continue(()),
        },
        Source::Permissions => {
            let mut flow = Flow::Continue(());
            entry.permissions(&mut |permission| {
                if flow.is_continue() {
                    flow = each(Shown::Text(permission));
                }
            });
            flow
        }
        Source::Uuid => each(Shown::Id(record.id)),
        Source::Composed(template) => match entry.composed(template) {
            Some(text) => each(Shown::Text(&text)),
            None => Flow::Continue(()),
        },
        Source::MemberLogins => entry.references(attr::HOLDERS, &mut |member| {
            let member = member.record();
            match member.login().filter(|_| member.kind == Kind::User) {
                Some(login) => each(Shown::Text(login)),
                None => Flow::Continue(()),
            }
        }),
        Source::Guid => each(Shown::Octets(&record.id.0.to_bytes_le())),
        Source::Sid => {
            let domain = Domain::of(reader.tenant());
            each(Shown::Octets(&domain.octets(record.number)))
        }
        Source::Category(category) => {
            let suffix = &reader.settings().suffix;
            each(Shown::Text(&category.dn(suffix)))
        }
        Source::AccountControl => each(Shown::Integer(account_control(record.is_active()))),
        Source::WhenCreated => each(Shown::Text(&windows_time(record.created))),
        Source::WhenChanged => each(Shown::Text(&windows_time(record.modified))),
        Source::EntryDn => each(Shown::Name(entry)),
        Source::Created => each(Shown::Time(record.created)),
        Source::Modified => each(Shown::Time(record.modified)),
        Source::ObjectClass => {
            let is_account = reader.sip_secret(record.id).is_some();
            let mut classes = classes_of(record.kind, reader.views(), is_account);
            classes.try_for_each(|class| each(Shown::Text(class)))
        }
        Source::StructuralClass => each(Shown::Text(structural_of(common_classes_of(record.kind)))),
        Source::Subschema => each(Shown::Text(subschema::NAME)),
        Source::Constant(value) => each(Shown::Text(value)),
    }
}

/// Whether the entry has no value of a leaf, as far as the reader may know.
pub(crate) fn lacks(entry: Entry<'_>, leaf: AttrId) -> bool {
    entry.may_read(leaf) && entry.leaf(leaf, &mut |_| Flow::Break(())).is_continue()
}

/// The SIP secret of an extension in this form, if the reader is told it.
fn sip_secret(reader: &Reader, extension: &Record, form: SecretForm) -> Option<String> {
    let secret = reader.sip_secret(extension.id)?;
    let sip = &reader.settings().sip;
    match form.password(sip) {
        PasswordForm::Clear => Some(secret.clear().to_owned()),
        PasswordForm::Ha1 => {
            let hash = secret.ha1(extension.login()?, sip.realm.as_deref()?);
            Some(hash.to_string())
        }
    }
}

/// Gives each value of one element that is shown as it is typed.
pub(super) fn element_values(
    typed: Typed,
    element: &Attributes,
    mut each: impl FnMut(Shown<'_>) -> Flow,
) -> Flow {
    let texts = element.values(typed.value).iter().filter_map(Value::as_str);
    for text in texts {
        each(match typed.attr {
            attr::PHONE_NUMBERS => Shown::Number(text),
            _ if typed.lines => Shown::Lines(text),
            _ => Shown::Text(text),
        })?;
    }
    Flow::Continue(())
}
