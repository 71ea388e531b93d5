//! Some people and groups for filters to be asked of, and for requests to be rehearsed on.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use jackfield_gateway::administer::NewConnection;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Reader, Session};
use jackfield_model::{Origin, Principal};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::decode;
use crate::dialect::Dialect;
use crate::exchange::Seen;
use crate::replay::Acting;
use crate::resource::ResourceType;
use crate::{Options, Scim, routes};

/// A tenant with a few people and groups, which nothing is written to.
pub(super) struct Population {
    /// What the operator reads.
    pub(super) reader: Reader,
    /// Connections of the kinds that repair the most and the least; passwords are not taken, since
    /// hashing them takes long.
    pub(super) connections: [Session; 2],
    scim: Scim,
    runtime: Runtime,
}

/// The one that all functions share.
pub(super) fn population() -> &'static Population {
    static POPULATION: OnceLock<Population> = OnceLock::new();
    POPULATION.get_or_init(|| {
        let Ok(population) = populate() else {
            unreachable!("the population cannot be made")
        };
        population
    })
}

impl Population {
    /// What a POST as this session is answered.
    pub(super) fn post(&self, session: Session, path: &str, body: &[u8]) -> (u16, Json) {
        let request = Request::post(format!("/scim/acme/v2{path}"))
            .header(CONTENT_TYPE, "application/scim+json")
            .extension(Acting(session))
            .body(Body::from(body.to_vec()));
        let Ok(request) = request else {
            unreachable!("{path} is no path")
        };
        let answer = async {
            let (head, body) = request.into_parts();
            let (head, seen) = (Arc::new(head), Seen::default());
            let response = routes::answer(&self.scim, &head, body, &seen).await;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await;
            (status, body.map(http_body_util::Collected::to_bytes))
        };
        let (status, body) = self.runtime.block_on(answer);
        let json = serde_json::from_slice(&body.unwrap_or_default());
        (status, json.unwrap_or_default())
    }
}

fn populate() -> Result<Population, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (reader, connections, scim) = runtime.block_on(tenant())?;
    Ok(Population {
        reader,
        connections,
        scim,
        runtime,
    })
}

async fn tenant() -> Result<(Reader, [Session; 2], Scim), Box<dyn std::error::Error>> {
    let gateway = TestGateway::start().await?;
    let operator = gateway.operator("acme")?;
    let connections = [
        connection(&operator, &gateway, "generic").await?,
        connection(&operator, &gateway, "strict").await?,
    ];
    let mut members = Vec::new();
    for (at, name) in ["alice", "Bob", "böse", "o'hara", "x y"]
        .into_iter()
        .enumerate()
    {
        let body = json!({
            "userName": name,
            "name": {"givenName": name, "familyName": "Straße"},
            "emails": [
                {"type": "work", "value": format!("{at}@example.com"), "primary": true},
                {"type": "home", "value": format!("{at}@example.net")},
            ],
            "active": at % 2 == 0,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"},
        });
        members.push(json!({"value": create(&operator, ResourceType::User, &body).await?}));
    }
    let body = json!({"displayName": "all", "members": members});
    create(&operator, ResourceType::Group, &body).await?;
    create(
        &operator,
        ResourceType::Group,
        &json!({"displayName": "none"}),
    )
    .await?;
    let reader = operator.read()?;
    let scim = Scim::new(gateway.gateway.clone(), Options::default());
    gateway.gateway.stop().await;
    Ok((reader, connections, scim))
}

async fn connection(
    operator: &Session,
    gateway: &TestGateway,
    kind: &str,
) -> Result<Session, Box<dyn std::error::Error>> {
    let new = NewConnection {
        name: kind,
        kind: Some(kind),
        ceiling: Some("full"),
        takes_passwords: Some(false),
        requires_versions: None,
    };
    let id = operator.ensure_connection(new).await?;
    let origin = Origin::local("scim");
    let tenant = operator.tenant();
    Ok(gateway
        .gateway
        .act_as(tenant, Principal::Connection(id), origin))
}

async fn create(
    operator: &Session,
    ty: ResourceType,
    body: &Json,
) -> Result<String, Box<dyn std::error::Error>> {
    let command = Command::Create {
        kind: ty.kind(),
        attributes: decode::resource(&Dialect::default(), ty, body)?.attributes,
    };
    let written = operator.write(command).await?;
    Ok(written.id.map(|id| id.to_string()).unwrap_or_default())
}
