//! `jackfield device create`: a phone, which reads the phone book.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;

use super::service_account::{account, print_account};
use crate::cli::{Common, NewDevice};
use crate::node;

pub(super) async fn create(
    common: &Common,
    arguments: &NewDevice,
    config: &Config,
) -> Result<ExitCode> {
    let (gateway, operator) = node::open_tenant(config, &arguments.tenant).await?;
    let device = operator.ensure_device(&arguments.name).await?;
    let account = account(&operator, device, arguments.certificate.as_deref()).await?;
    gateway.stop().await;
    print_account(common, &account)
}
