//! A configuration and a data folder of one's own, and commands run on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use toml::Table;

use crate::postgres::Database;
use crate::server::Server;

/// A copy of the shipped `config/`, an empty data folder, and the store that
/// `JACKFIELD_TEST_STORE` asks for. Clones are the same home.
#[derive(Clone, Debug)]
pub struct Home {
    folder: Arc<TempDir>,
    // Held so that it lives as long as the last home on it.
    database: Option<Arc<Database>>,
    /// The command, if any, that has the binary as its last argument.
    wrapper: Vec<String>,
}

/// What `jackfield bootstrap --json` prints.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// A connection with the full ceiling.
    pub scim: ScimAccess,
    /// A service account that reads the whole tenant.
    pub ldap: LdapAccess,
    /// A first holder of the top role.
    pub owner: Owner,
}

/// How to reach a tenant over SCIM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScimAccess {
    /// The base URL, which ends in `/v2`.
    pub url: String,
    /// The bearer token.
    pub token: String,
}

/// How to reach a tenant over LDAP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdapAccess {
    /// The URL of the plain listener.
    pub url: String,
    /// The URL of the TLS listener.
    pub ldaps_url: String,
    /// The tenant's suffix.
    pub base: String,
    /// The service account's DN.
    pub bind_dn: String,
    /// Its password.
    pub password: String,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The login name.
    pub user_name: String,
    /// The password.
    pub password: String,
}

impl Home {
    /// A new one.
    pub fn new() -> Result<Self> {
        let folder = TempDir::with_prefix("jackfield-")?;
        copy(&shipped("config"), &folder.path().join("config"))?;
        let database = match std::env::var("JACKFIELD_TEST_STORE").as_deref() {
            Ok("postgres") => Some(Arc::new(Database::create()?)),
            Ok("sqlite") | Err(_) => None,
            Ok(other) => bail!("JACKFIELD_TEST_STORE is `{other}`, neither sqlite nor postgres"),
        };
        let home = Self {
            folder: Arc::new(folder),
            database,
            wrapper: Vec::new(),
        };
        if let Some(database) = &home.database {
            let url = database.url();
            home.edit_config(|config| {
                let postgres = Table::from_iter([("url".to_owned(), url.into())]);
                let store = Table::from_iter([("postgres".to_owned(), postgres.into())]);
                config.insert("store".to_owned(), store.into());
            })?;
        }
        Ok(home)
    }

    /// Another node of the same installation: the same configuration, keys and database, a data
    /// folder of its own. PostgreSQL only.
    pub fn another_node(&self) -> Result<Self> {
        ensure!(self.database.is_some(), "several nodes need PostgreSQL");
        let folder = TempDir::with_prefix("jackfield-")?;
        copy(&self.config(), &folder.path().join("config"))?;
        fs::create_dir(folder.path().join("data"))?;
        for key in ["audit.key", "secret.key", "seal.key"] {
            fs::copy(self.data().join(key), folder.path().join("data").join(key))
                .with_context(|| format!("the key file {key}"))?;
        }
        Ok(Self {
            folder: Arc::new(folder),
            database: self.database.clone(),
            wrapper: Vec::new(),
        })
    }

    /// The same home, whose commands are run as the last arguments of this one.
    pub fn under(&self, wrapper: &[String]) -> Self {
        Self {
            wrapper: wrapper.to_vec(),
            ..self.clone()
        }
    }

    /// The database, if the store is PostgreSQL.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_deref()
    }

    /// The folder with both.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder with `jackfield.toml`.
    pub fn config(&self) -> PathBuf {
        self.folder().join("config")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The file of the tenant `acme`.
    pub fn tenant_file(&self) -> PathBuf {
        self.config().join("tenants/acme.toml")
    }

    /// Changes `jackfield.toml`.
    pub fn edit_config(&self, edit: impl FnOnce(&mut Table)) -> Result<()> {
        let path = self.config().join("jackfield.toml");
        let mut config: Table = fs::read_to_string(&path)?.parse()?;
        edit(&mut config);
        Ok(fs::write(path, config.to_string())?)
    }

    /// Has the first tenant begin without people.
    pub fn without_sample(&self) -> Result<()> {
        let mut tenant: Table = fs::read_to_string(self.tenant_file())?.parse()?;
        tenant.insert("sample".to_owned(), false.into());
        Ok(fs::write(self.tenant_file(), tenant.to_string())?)
    }

    /// A command of the binary, on this configuration and data.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = wrapped(&self.wrapper, &binary());
        command
            .args(arguments)
            .arg("--config")
            .arg(self.config().join("jackfield.toml"))
            .arg("--data")
            .arg(self.data())
            .current_dir(self.folder());
        for variable in ["JACKFIELD_CONFIG", "JACKFIELD_DATA", "JACKFIELD_LOG"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        Ok(self.command(arguments).output()?)
    }

    /// Runs a command that must succeed, and reads the JSON that it prints.
    pub fn run_json<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let output = self.run(arguments)?;
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        ensure!(
            output.status.success(),
            "{arguments:?}: {}\n{stdout}\n{stderr}",
            output.status
        );
        serde_json::from_str(&stdout)
            .with_context(|| format!("{arguments:?} printed no such JSON: {stdout}"))
    }

    /// `jackfield bootstrap --tenant acme --json`.
    pub fn bootstrap(&self) -> Result<Access> {
        self.run_json(&["bootstrap", "--tenant", "acme", "--json"])
    }

    /// Starts a server.
    pub fn serve(&self) -> Result<Server> {
        Server::start(self.clone())
    }
}

/// The program, as the last argument of a command, if there is one.
pub fn wrapped(wrapper: &[String], program: &Path) -> Command {
    let Some((outer, rest)) = wrapper.split_first() else {
        return Command::new(program);
    };
    let mut command = Command::new(outer);
    command.args(rest).arg(program);
    command
}

/// The binary under test.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("JACKFIELD_BIN") {
        return named.into();
    }
    let this = std::env::current_exe().unwrap_or_default();
    let beside = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("jackfield"));
    beside
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| "jackfield".into())
}

/// A file or folder of the repository.
pub fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
