//! Databases in the cluster that `tests/run` starts.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};

/// An empty database of one's own; gone when dropped.
#[derive(Debug)]
pub struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// In the cluster of `JACKFIELD_TEST_POSTGRES`.
    pub fn create() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let cluster = std::env::var("JACKFIELD_TEST_POSTGRES")
            .context("JACKFIELD_TEST_POSTGRES is not set: tests/run sets it")?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("e2e_{}_{number}", std::process::id());
        let database = Self { cluster, name };
        run(
            &database.cluster,
            &format!("CREATE DATABASE {}", database.name),
        )?;
        Ok(database)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        let (server, query) = self.cluster.split_once('?').unwrap_or((&self.cluster, ""));
        let (server, _) = server.rsplit_once('/').unwrap_or((server, ""));
        format!("{server}/{}?{query}", self.name)
    }

    /// Runs SQL in it, behind the product's back.
    pub fn run(&self, sql: &str) -> Result<()> {
        run(&self.url(), sql)
    }
}

fn run(url: &str, sql: &str) -> Result<()> {
    let output = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, url])
        .output()
        .context("psql does not run")?;
    ensure!(
        output.status.success(),
        "{sql}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

impl Drop for Database {
    fn drop(&mut self) {
        // The cluster is thrown away in the end anyway.
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = run(&self.cluster, &sql);
    }
}
