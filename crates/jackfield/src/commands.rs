//! The subcommands, one file each.

mod account;
mod api_token;
mod audit;
mod bootstrap;
mod check;
mod client;
mod connection;
mod exchanges;
mod explain;
mod export;
mod import;
mod keys;
mod lockouts;
mod migrate;
pub(crate) mod phone_config;
mod print;
mod probe;
mod report;
mod role;
mod schema;
mod scim;
mod serve;
mod sip;
mod token;

use std::process::ExitCode;

use anyhow::Result;
use jackfield_config::{Config, Environment, load};
use jackfield_model::Kind;
use print::{print, print_list};

use crate::cli::{
    Cli, ClientCommand, Command, Common, ConfigCommand, ConnectionCommand, KeysCommand,
    ScimCommand, Serve, TokenCommand,
};

/// Runs the command.
pub(crate) async fn run(cli: Cli, environment: &Environment) -> Result<ExitCode> {
    let Cli {
        common,
        command,
        serve,
    } = cli;
    let config = || read(&common, environment);
    match command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(serve) => serve::serve(&common, &serve, environment).await,
        Command::Check => check::check(&common, environment),
        Command::Config(ConfigCommand::Schema { write }) => schema::schema(write.as_deref()),
        Command::Migrate => migrate::migrate(&common, &config()?).await,
        Command::Bootstrap(arguments) => {
            bootstrap::bootstrap(&common, &arguments, &config()?).await
        }
        Command::Client(ClientCommand::Secret(arguments)) => {
            client::secret(&common, &arguments, &config()?).await
        }
        Command::Client(ClientCommand::Trust(arguments)) => {
            client::trust(&common, &arguments, &config()?).await
        }
        Command::Connection(ConnectionCommand::List(arguments)) => {
            connection::list(&common, &arguments, &config()?).await
        }
        Command::Connection(ConnectionCommand::Set(arguments)) => {
            connection::set(&common, &arguments, &config()?).await
        }
        Command::Connection(ConnectionCommand::Remove(arguments)) => {
            connection::remove(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Held(arguments)) => {
            scim::held(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Release(arguments)) => {
            scim::release(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Pending(arguments)) => {
            scim::pending(&common, &arguments, &config()?).await
        }
        Command::Token(TokenCommand::List(arguments)) => {
            token::list(&common, &arguments, &config()?).await
        }
        Command::Token(TokenCommand::Revoke(arguments)) => {
            token::revoke(&common, &arguments, &config()?).await
        }
        Command::Token(TokenCommand::Create(arguments)) => {
            token::create(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Log(arguments)) => {
            exchanges::log(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Show(arguments)) => {
            exchanges::show(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Replay(arguments)) => {
            exchanges::replay(&common, &arguments, &config()?).await
        }
        Command::ServiceAccount(command) => {
            account::run(&common, Kind::Service, &command, &config()?).await
        }
        Command::ApiToken(command) => api_token::run(&common, &command, &config()?).await,
        Command::Audit(arguments) => audit::run(&common, &arguments, &config()?).await,
        Command::Report(command) => report::run(&common, &command, &config()?).await,
        Command::Role(command) => role::run(&common, &command, environment).await,
        Command::Device(command) => account::run(&common, Kind::Device, &command, &config()?).await,
        Command::Sip(command) => sip::run(&common, &command, &config()?).await,
        Command::Lockouts(command) => lockouts::run(&common, &command, &config()?).await,
        Command::Keys(KeysCommand::Reseal) => keys::reseal(&common, &config()?).await,
        Command::Import(arguments) => import::import(&common, &arguments, &config()?).await,
        Command::Export(arguments) => export::export(&arguments, &config()?).await,
        Command::Explain(arguments) => explain::explain(&common, &arguments, &config()?).await,
        Command::PhoneConfig(arguments) => {
            phone_config::phone_config(&common, &arguments, &config()?).await
        }
        Command::Scim(ScimCommand::Probe(arguments)) => probe::probe(&common, &arguments).await,
    }
}

/// The configuration of a command that does not listen.
fn read(common: &Common, environment: &Environment) -> Result<Config> {
    let overrides = common.overrides(environment, &Serve::default());
    Ok(load(&common.file(environment), &overrides)?)
}
