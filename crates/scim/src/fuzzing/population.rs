//! Some people and groups for filters to be asked of.

use std::sync::OnceLock;

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Reader, Session};
use serde_json::{Value as Json, json};

use crate::decode;
use crate::dialect::Dialect;
use crate::resource::ResourceType;

/// What the operator of a tenant with a few people and groups reads.
pub(super) fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(Ok(reader)) = runtime.map(|runtime| runtime.block_on(populate())) else {
            unreachable!("the population cannot be made")
        };
        reader
    })
}

async fn populate() -> Result<Reader, Box<dyn std::error::Error>> {
    let gateway = TestGateway::start().await?;
    let operator = gateway.operator("acme")?;
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
    gateway.gateway.stop().await;
    Ok(reader)
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
