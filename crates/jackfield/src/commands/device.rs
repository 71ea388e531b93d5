//! `jackfield device create`: a phone, which reads the phone book.

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::Config;
use jackfield_model::Kind;

use super::service_account::{account, print_account};
use crate::cli::{Common, NewDevice};
use crate::node;

pub(super) async fn create(
    common: &Common,
    arguments: &NewDevice,
    config: &Config,
) -> Result<ExitCode> {
    let account = node::with_tenant(config, &arguments.tenant, async |operator| {
        let device = operator.ensure_device(&arguments.name).await?;
        if let Some(views) = arguments.views.set() {
            operator
                .set_views(Kind::Device, device, Some(views))
                .await?;
        }
        account(&operator, device, arguments.certificate.as_deref()).await
    })
    .await?;
    print_account(common, &account)
}
