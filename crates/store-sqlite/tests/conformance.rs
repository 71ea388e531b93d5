//! The suite of [`jackfield_store::conformance`] on SQLite.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use jackfield_store::Store;
use jackfield_store::conformance::{AUDIT_KEY, Place};
use jackfield_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct Directory(TempDir);

#[async_trait]
impl Place for Directory {
    async fn open(&self) -> Arc<dyn Store> {
        let path = self.0.path().join("data").join("jackfield.db");
        Arc::new(SqliteStore::open(&path, AUDIT_KEY).await.unwrap())
    }
}

async fn directory() -> Option<Directory> {
    Some(Directory(tempfile::tempdir().unwrap()))
}

jackfield_store::conformance!(directory);
