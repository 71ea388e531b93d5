//! From a folder to a configuration, or to everything that is wrong with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_access::Catalogue;
use jackfield_model::TenantName;

use crate::document::Document;
use crate::environment::Overrides;
use crate::report::{Problem, Report};
use crate::server::{Server, ServerFile};
use crate::tenant::{Catalogues, TenantConfig, TenantFile, check_shared};
use crate::{place, schema};

/// Everything that the files say, in which everything fits together.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What one node does.
    pub server: Server,
    /// The tenants, sorted by their names.
    pub tenants: Vec<TenantConfig>,
}

/// Reads `jackfield.toml` at this path, and the catalogues and tenants that belong to it.
///
/// # Errors
/// Every mistake in every file.
pub fn load(file: &Path, overrides: &Overrides) -> Result<Config, Report> {
    load_with(file, overrides, None)
}

/// As [`load`], with another file in place of one tenant's.
///
/// # Errors
/// Every mistake in every file.
pub fn load_with(
    file: &Path,
    overrides: &Overrides,
    instead: Option<(&TenantName, &Path)>,
) -> Result<Config, Report> {
    let mut report = Report::default();
    let config = read(file, overrides, instead, &mut report);
    config.filter(|_| report.is_empty()).ok_or(report)
}

/// Everything that is wrong with the configuration at this path.
pub fn check(file: &Path, overrides: &Overrides) -> Report {
    load(file, overrides).err().unwrap_or_default()
}

fn read(
    file: &Path,
    overrides: &Overrides,
    instead: Option<(&TenantName, &Path)>,
    report: &mut Report,
) -> Option<Config> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            report.extend([Problem::of_file(
                file.display(),
                format!("cannot be read: {error}"),
            )]);
            return None;
        }
    };
    let mut document = Document::parse(file, &text, &schema::server());
    let folder = file.parent().unwrap_or(Path::new(""));
    // The other files are checked in any case, where they would be by default.
    let server = document.read::<ServerFile>().unwrap_or_default();
    let server = server.resolve(folder, overrides, &mut document);

    let mut problems = Vec::new();
    let mut files = |folder: &Path, key| {
        toml_files(folder, &mut problems).unwrap_or_else(|error| {
            let message = format!("the folder {} cannot be read: {error}", folder.display());
            document.problem(key, message, None);
            Vec::new()
        })
    };
    let catalogue_files = files(&server.folders.catalogues, "folders.catalogues");
    let mut tenant_files = files(&server.folders.tenants, "folders.tenants");
    if let Some((tenant, path)) = instead {
        report.extend(replace(&mut tenant_files, tenant, path));
    }
    let names = tenant_files
        .iter()
        .filter_map(|file| file.stem.parse().ok())
        .collect();
    server.listeners.check_tenants(&names, &mut document);

    report.extend(document.into_problems());
    report.extend(problems);
    let catalogues = catalogues(&catalogue_files, report);
    let tenants = tenants(&tenant_files, &catalogues, report);
    Some(Config { server, tenants })
}

/// A file that was read.
struct TextFile {
    path: PathBuf,
    /// Its name without `.toml`.
    stem: String,
    text: String,
}

/// The files in a folder whose names end in `.toml`, hidden ones apart, by their names.
fn toml_files(folder: &Path, problems: &mut Vec<Problem>) -> io::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(stem) = name
            .strip_suffix(".toml")
            .filter(|_| !name.starts_with('.'))
        else {
            continue;
        };
        let path = place::resolve(folder, Path::new(&name));
        match fs::read_to_string(&path) {
            Ok(text) => files.push(TextFile {
                path,
                stem: stem.to_owned(),
                text,
            }),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                problems.push(Problem::of_file(path.display(), message));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Puts the file at this path in place of the tenant's.
fn replace(files: &mut Vec<TextFile>, tenant: &TenantName, path: &Path) -> Option<Problem> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot be read: {error}");
            return Some(Problem::of_file(path.display(), message));
        }
    };
    files.retain(|file| file.stem != tenant.as_str());
    files.push(TextFile {
        path: path.to_owned(),
        stem: tenant.as_str().to_owned(),
        text,
    });
    None
}

fn catalogues(files: &[TextFile], report: &mut Report) -> Catalogues {
    let schema = schema::catalogue();
    let mut catalogues = Catalogues::new();
    for file in files {
        let mut document = Document::parse(&file.path, &file.text, &schema);
        let catalogue = document.read::<Catalogue>();
        if let Some(catalogue) = &catalogue {
            for problem in catalogue.validate() {
                document.problem(&problem.path, problem.message, problem.expected);
            }
            if catalogue.key != file.stem {
                let message = format!(
                    "`key` is `{}`, but the file is `{}`",
                    catalogue.key, file.stem
                );
                document.problem(
                    "key",
                    message,
                    "the name of the file without `.toml`".to_owned(),
                );
            }
        }
        let problems = document.into_problems();
        let sound = catalogue.filter(|_| problems.is_empty()).map(Arc::new);
        catalogues.insert(file.stem.clone(), sound);
        report.extend(problems);
    }
    catalogues
}

fn tenants(files: &[TextFile], catalogues: &Catalogues, report: &mut Report) -> Vec<TenantConfig> {
    let schema = schema::tenant();
    let mut problems = Vec::new();
    let mut candidates = Vec::new();
    for file in files {
        let mut document = Document::parse(&file.path, &file.text, &schema);
        if let Err(error) = file.stem.parse::<TenantName>() {
            document.problem(
                "",
                format!("`{}` names no tenant: {error}", file.stem),
                None,
            );
        }
        match document.read::<TenantFile>() {
            Some(tenant) => candidates.push((file.stem.clone(), tenant, document)),
            None => problems.extend(document.into_problems()),
        }
    }
    check_shared(&mut candidates);
    let mut tenants = Vec::new();
    for (stem, file, mut document) in candidates {
        if let Ok(name) = stem.parse() {
            tenants.extend(file.resolve(name, catalogues, &mut document));
        }
        problems.extend(document.into_problems());
    }
    problems.sort_by(|a, b| a.file.cmp(&b.file));
    report.extend(problems);
    tenants
}
