//! `[store]`: where the truth is kept.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;
use crate::place;

/// Where the truth is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In a SQLite database, made when it is not there.
    Sqlite {
        /// Its file.
        file: PathBuf,
    },
    /// In a PostgreSQL database.
    Postgres {
        /// Its URL, with the password.
        url: Secret,
    },
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("writeOnly" = true))]
pub struct Secret(String);

impl Secret {
    /// The text, to be used and not to be kept.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where the truth is kept: in SQLite, unless the table `postgres` is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// An embedded SQLite database.
    sqlite: Option<SqliteSection>,
    /// A PostgreSQL database, for one node or several.
    postgres: Option<PostgresSection>,
}

/// An embedded SQLite database.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct SqliteSection {
    /// Its file, seen from the data folder.
    file: PathBuf,
}

impl Default for SqliteSection {
    fn default() -> Self {
        Self {
            file: PathBuf::from("jackfield.db"),
        }
    }
}

/// A PostgreSQL database: `url` or `url_file`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct PostgresSection {
    /// Its URL, such as `postgres://jackfield@db.example/jackfield`.
    url: Option<Secret>,
    /// The file that holds the URL, for one with a password.
    url_file: Option<PathBuf>,
}

impl StoreSection {
    pub(super) fn resolve(self, folder: &Path, data: &Path, document: &mut Document<'_>) -> Store {
        if self.sqlite.is_some() && self.postgres.is_some() {
            document.problem(
                "store.postgres",
                "there are two stores",
                "`sqlite` or `postgres`".to_owned(),
            );
        }
        match self.postgres {
            Some(postgres) => Store::Postgres {
                url: postgres.resolve(folder, document),
            },
            None => Store::Sqlite {
                file: place::resolve(data, &self.sqlite.unwrap_or_default().file),
            },
        }
    }
}

impl PostgresSection {
    fn resolve(self, folder: &Path, document: &mut Document<'_>) -> Secret {
        let (path, url) = match (self.url, self.url_file) {
            (Some(url), None) => ("store.postgres.url", url),
            (None, Some(file)) => {
                let path = "store.postgres.url_file";
                match fs::read_to_string(place::resolve(folder, &file)) {
                    Ok(text) => (path, Secret(text.trim().to_owned())),
                    Err(error) => {
                        document.problem(
                            path,
                            format!("{} cannot be read: {error}", file.display()),
                            None,
                        );
                        return Secret(String::new());
                    }
                }
            }
            (url, _) => {
                let message = if url.is_some() {
                    "both `url` and `url_file`"
                } else {
                    "no URL"
                };
                document.problem("store.postgres", message, "`url` or `url_file`".to_owned());
                return Secret(String::new());
            }
        };
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.0.starts_with(scheme))
        {
            document.problem(
                path,
                "not the URL of a PostgreSQL database",
                "postgres://user@host/database".to_owned(),
            );
        }
        url
    }
}
