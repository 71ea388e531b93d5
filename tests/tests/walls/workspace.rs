//! What the checks look at: the packages that cargo resolves, and the sources on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// `cargo metadata`, as far as the checks read it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
    pub workspace_members: Vec<String>,
    pub resolve: Resolve,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub source: Option<String>,
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub kind: Option<String>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub features: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Resolve {
    pub nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Node {
    pub id: String,
    pub deps: Vec<NodeDep>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct NodeDep {
    pub pkg: String,
    pub dep_kinds: Vec<DepKind>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct DepKind {
    pub kind: Option<String>,
}

impl Metadata {
    /// Of this workspace, as the lock file has it, for every platform.
    pub fn load() -> Self {
        Self::run(&[])
    }

    /// As [`Metadata::load`], without what only other platforms build.
    pub fn of_one_platform() -> Self {
        Self::run(&["--filter-platform", "x86_64-unknown-linux-gnu"])
    }

    fn run(more: &[&str]) -> Self {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(more)
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON of the known form")
    }

    pub fn by_id(&self) -> BTreeMap<&str, &Package> {
        self.packages
            .iter()
            .map(|package| (package.id.as_str(), package))
            .collect()
    }

    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above")
        .to_owned()
}

/// A text file, by its path from the workspace's folder, with `/` between the parts.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// Every file below `folders` (or the files themselves) whose name ends in one of `endings`.
pub fn files(folders: &[&str], endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root(), &root().join(folder), endings, &mut found);
    }
    found.sort_by(|a: &File, b: &File| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "nothing under {folders:?}");
    found
}

fn collect(root: &Path, path: &Path, endings: &[&str], found: &mut Vec<File>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a readable folder") {
            collect(
                root,
                &entry.expect("a readable folder").path(),
                endings,
                found,
            );
        }
        return;
    }
    let name = path
        .strip_prefix(root)
        .expect("it lies below")
        .to_string_lossy()
        .into_owned();
    if endings.iter().any(|ending| name.ends_with(ending))
        && let Ok(text) = fs::read_to_string(path)
    {
        found.push(File { path: name, text });
    }
}
