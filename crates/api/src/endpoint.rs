//! Endpoints: each is said once, and both the router and the OpenAPI document are made of it.

use axum::Router;
use axum::extract::Extension;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};
use jackfield_gateway::Metrics;
use jackfield_gateway::access::ApiScope;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::Api;
use crate::counted::counted;

/// Makes the schema of a type, beside those that it refers to.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What an endpoint does, as far as clients are told.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// Behind the tenant's part, such as `/users/{id}`.
    pub(crate) path: &'static str,
    /// Its name in programs that are made of the document.
    pub(crate) id: &'static str,
    /// In one line.
    pub(crate) summary: &'static str,
    /// What a token must be for; none for what every client may ask.
    pub(crate) scope: Option<ApiScope>,
    /// Its parameters.
    pub(crate) query: Option<Describe>,
    /// Its body, and whether that is a merge patch.
    pub(crate) body: Option<(Describe, Media)>,
    /// The status of what is done, and its body.
    pub(crate) answer: (u16, Option<Describe>),
    /// Whether it takes and gives versions, by `If-Match`, `If-None-Match` and `ETag`.
    pub(crate) is_versioned: bool,
    /// Whether those may use it who must change their password first.
    pub(crate) with_temporary_password: bool,
}

/// The methods that endpoints know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// The types of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// JSON.
    Json,
    /// A merge patch (RFC 7396).
    MergePatch,
}

impl Media {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::MergePatch => "application/merge-patch+json",
        }
    }
}

impl Operation {
    fn new(method: Method, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            scope: None,
            query: None,
            body: None,
            answer: (204, None),
            is_versioned: false,
            with_temporary_password: false,
        }
    }

    /// GET.
    pub(crate) fn get(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::Get, path, id, summary)
    }

    /// POST.
    pub(crate) fn post(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::Post, path, id, summary)
    }

    /// PUT.
    pub(crate) fn put(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::Put, path, id, summary)
    }

    /// PATCH.
    pub(crate) fn patch(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::Patch, path, id, summary)
    }

    /// DELETE.
    pub(crate) fn delete(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::Delete, path, id, summary)
    }

    /// What a token must be for.
    pub(crate) fn scope(self, scope: ApiScope) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    /// The parameters that it takes.
    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(T::json_schema),
            ..self
        }
    }

    /// The body that it takes.
    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        self.body_as::<T>(Media::Json)
    }

    /// The merge patch that it takes.
    pub(crate) fn merge_patch<T: JsonSchema>(self) -> Self {
        self.body_as::<T>(Media::MergePatch)
    }

    fn body_as<T: JsonSchema>(self, media: Media) -> Self {
        Self {
            body: Some((schema_of::<T>, media)),
            ..self
        }
    }

    /// What it answers; 204 without a body if it is not said.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16) -> Self {
        Self {
            answer: (status, Some(schema_of::<T>)),
            ..self
        }
    }

    /// It takes and gives versions.
    pub(crate) fn versioned(self) -> Self {
        Self {
            is_versioned: true,
            ..self
        }
    }

    /// Those may use it who must change their password first.
    pub(crate) fn with_temporary_password(self) -> Self {
        Self {
            with_temporary_password: true,
            ..self
        }
    }
}

/// By reference, if the type has a name of its own.
fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a request needs before its handler is asked: an extension of the request.
#[derive(Clone, Copy)]
pub(crate) struct Needed {
    pub(crate) scope: Option<ApiScope>,
    pub(crate) with_temporary_password: bool,
    pub(crate) takes_parameters: bool,
}

/// Endpoints below a tenant.
#[derive(Default)]
pub(crate) struct Endpoints {
    routes: Vec<(Operation, MethodRouter<Api>)>,
}

impl Endpoints {
    /// With one more.
    pub(crate) fn with<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        let filter = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let needed = Needed {
            scope: operation.scope,
            with_temporary_password: operation.with_temporary_password,
            takes_parameters: operation.query.is_some(),
        };
        let route = MethodRouter::new()
            .on(filter, handler)
            .route_layer(Extension(needed));
        self.routes.push((operation, route));
        self
    }

    /// With those of another list.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// What each does.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.routes.iter().map(|(operation, _)| operation)
    }

    /// The paths of all, each counted.
    pub(crate) fn router(self, metrics: &Metrics) -> Router<Api> {
        let routes = self.routes.into_iter();
        routes.fold(Router::new(), |router, (operation, route)| {
            router.route(operation.path, counted(route, metrics, operation.id))
        })
    }
}
