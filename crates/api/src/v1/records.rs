//! Records that are looked after alike: listed, made, shown, changed and deleted.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Command, Entry, Error as Refusal, Reader, Session};
use jackfield_model::{AttrId, Filter, Id, Kind};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::filter::contains;
use super::said::Said;
use crate::body::{self, Body, MergePatch};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::page::{self, Wanted};
use crate::shape::page::{Page, PageQuery};
use crate::shape::record::RecordQuery;
use crate::version;

/// An area of the API: the records of one kind.
pub(super) trait Area: Send + Sync + 'static {
    /// Their kind.
    const KIND: Kind;
    /// What its endpoints are called.
    const NAMES: Names;
    /// What it takes to read them, and to change them.
    const SCOPES: [ApiScope; 2];
    /// The member of the body that a new one needs.
    const NAME: &'static str;
    /// Where a search looks.
    const SEARCHED: &'static [AttrId];
    /// What is shown of one.
    type Shown: Serialize + JsonSchema + Send;
    /// What is said of one: a body, and a merge patch.
    type Said: DeserializeOwned + JsonSchema + Send;

    /// One, as the client sees it; nothing of one that is gone.
    fn shown(session: &Session, reader: &Reader, entry: Entry<'_>) -> Option<Self::Shown>;

    /// What the body says.
    fn said(session: &Session, body: Self::Said) -> Result<Said, Error>;
}

/// What endpoints are called: their paths, their names in programs, and what they do.
pub(super) struct Names {
    /// Of all, such as `/desks`.
    pub(super) all: &'static str,
    /// Of one, such as `/desks/{id}`.
    pub(super) one: &'static str,
    /// Of list, create, get, edit and delete: names and summaries.
    pub(super) operations: [(&'static str, &'static str); 5],
}

/// The names of an area by its path, its name in programs (one, many), and in words (one, many).
macro_rules! names {
    ($path:literal, $one:literal, $many:literal, $words:literal, $all:literal) => {
        $crate::v1::records::Names {
            all: concat!("/", $path),
            one: concat!("/", $path, "/{id}"),
            operations: [
                (
                    concat!("list", $many),
                    concat!("List ", $all, ", in the order of their names."),
                ),
                (concat!("create", $one), concat!("Make ", $words, ".")),
                (concat!("get", $one), concat!("Show ", $words, ".")),
                (concat!("edit", $one), concat!("Change ", $words, ".")),
                (concat!("delete", $one), concat!("Delete ", $words, ".")),
            ],
        }
    };
}
pub(super) use names;

/// The five endpoints of an area.
pub(super) fn endpoints<A: Area>() -> Endpoints {
    let Names {
        all,
        one,
        operations: [listing, making, showing, changing, deleting],
    } = A::NAMES;
    let [read, write] = A::SCOPES;
    Endpoints::default()
        .with(
            Operation::get(all, listing.0, listing.1)
                .scope(read)
                .query::<RecordQuery>()
                .answers::<Page<A::Shown>>(200),
            list::<A>,
        )
        .with(
            Operation::post(all, making.0, making.1)
                .scope(write)
                .body::<A::Said>()
                .answers::<A::Shown>(201)
                .versioned(),
            create::<A>,
        )
        .with(
            Operation::get(one, showing.0, showing.1)
                .scope(read)
                .answers::<A::Shown>(200)
                .versioned(),
            get::<A>,
        )
        .with(
            Operation::patch(one, changing.0, changing.1)
                .scope(write)
                .merge_patch::<A::Said>()
                .answers::<A::Shown>(200)
                .versioned(),
            edit::<A>,
        )
        .with(
            Operation::delete(one, deleting.0, deleting.1)
                .scope(write)
                .versioned(),
            delete::<A>,
        )
}

async fn list<A: Area>(call: Call) -> Result<Response, Error> {
    let query: RecordQuery = call.query()?;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let wanted = Wanted::of(&call, &page)?;
    let reader = seen(call.session.read_own_writes().await?, A::KIND)?;
    let text = query.search.unwrap_or_default();
    let has = |attr: &AttrId| contains(*attr, &text);
    let filter = match text.trim().is_empty() {
        true => Filter::And(Vec::new()),
        false => Filter::Or(A::SEARCHED.iter().map(has).collect()),
    };
    let (found, next) = page::find(&reader, &wanted, A::KIND, filter).await?;
    let numbers = found.numbers.iter();
    let entries = numbers.filter_map(|number| reader.by_number(*number));
    let items = entries.filter_map(|entry| A::shown(&call.session, &reader, entry));
    let page = wanted.page(&call, items.collect(), found.total, next)?;
    body::json(StatusCode::OK, &page)
}

async fn create<A: Area>(call: Call, Body(body): Body<A::Said>) -> Result<Response, Error> {
    let attributes = A::said(&call.session, body)?.attributes(A::KIND, A::NAME)?;
    let command = Command::Create {
        kind: A::KIND,
        attributes,
    };
    let written = call.session.write(command).await?;
    let id = written.id.ok_or(Refusal::Internal)?;
    answer::<A>(&call, &written.reader, id, StatusCode::CREATED)
}

async fn get<A: Area>(call: Call) -> Result<Response, Error> {
    let reader = seen(call.session.read_own_writes().await?, A::KIND)?;
    answer::<A>(&call, &reader, call.id()?, StatusCode::OK)
}

async fn edit<A: Area>(
    call: Call,
    MergePatch(body): MergePatch<A::Said>,
) -> Result<Response, Error> {
    let id = call.id()?;
    let command = Command::Patch {
        id,
        kind: A::KIND,
        ops: A::said(&call.session, body)?.operations(A::KIND, A::NAME)?,
        expect: version::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    answer::<A>(&call, &written.reader, id, StatusCode::OK)
}

async fn delete<A: Area>(call: Call) -> Result<StatusCode, Error> {
    let command = Command::Delete {
        id: call.id()?,
        kind: A::KIND,
        expect: version::of_write(&call.headers),
    };
    call.session.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The reader, if the client may know of such records at all.
pub(super) fn seen(reader: Reader, kind: Kind) -> Result<Reader, Error> {
    reader.require(kind)?;
    Ok(reader)
}

/// The record of this kind and id.
pub(super) fn one(reader: &Reader, kind: Kind, id: Id) -> Result<Entry<'_>, Error> {
    let entry = reader.entry(id);
    let found = entry.filter(|entry| entry.record().kind == kind);
    let what = kind.name();
    found.ok_or_else(|| Refusal::not_found(format_args!("the {what} {id}")).into())
}

fn answer<A: Area>(
    call: &Call,
    reader: &Reader,
    id: Id,
    status: StatusCode,
) -> Result<Response, Error> {
    let entry = one(reader, A::KIND, id)?;
    let version = entry.record().version;
    let shown = A::shown(&call.session, reader, entry).ok_or(Refusal::Internal)?;
    let location = format!("{}{}/{id}", call.base, A::NAMES.all);
    let location = (status == StatusCode::CREATED).then_some(location.as_str());
    body::resource(&call.headers, status, location, version, &shown)
}
