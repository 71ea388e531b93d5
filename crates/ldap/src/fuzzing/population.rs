//! Some records for filters to be asked of.

use std::sync::OnceLock;

use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Command, Reader};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind};

/// What the operator of a tenant with a few people reads.
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
    for (number, name) in ["alice", "Bob", "böse", "o'hara", "x y"]
        .into_iter()
        .enumerate()
    {
        let mail = Attributes::new()
            .with(attr::EMAILS_VALUE, format!("{number}@example.com").as_str())
            .with(attr::EMAILS_TYPE, "work");
        let phone = Attributes::new()
            .with(
                attr::PHONE_NUMBERS_VALUE,
                format!("+49 30 555{number}").as_str(),
            )
            .with(attr::PHONE_NUMBERS_TYPE, "work");
        let attributes = Attributes::new()
            .with(attr::USER_NAME, name)
            .with(attr::DISPLAY_NAME, name)
            .with(attr::ACTIVE, number % 2 == 0)
            .with(attr::EMAILS, mail)
            .with(attr::PHONE_NUMBERS, phone);
        let kind = Kind::User;
        operator.write(Command::Create { kind, attributes }).await?;
    }
    let group = Attributes::new().with(attr::DISPLAY_NAME, "all");
    let kind = Kind::Group;
    operator
        .write(Command::Create {
            kind,
            attributes: group,
        })
        .await?;
    let reader = operator.read()?;
    gateway.gateway.stop().await;
    Ok(reader)
}
