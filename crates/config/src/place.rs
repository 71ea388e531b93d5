//! Paths, resolved against the folder of the file that names them.

use std::path::{Component, Path, PathBuf};

use crate::document::Document;

/// The path as seen from `folder`, with `..` taken back by name: `config` and `../data` make
/// `data`.
pub(crate) fn resolve(folder: &Path, path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for component in folder.join(path).components() {
        let last = resolved.components().next_back();
        match (component, last) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                resolved.pop();
            }
            _ => resolved.push(component),
        }
    }
    if resolved.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        resolved
    }
}

/// The path of a file that must be there, as the value at `key` names it.
pub(crate) fn existing(
    folder: &Path,
    path: &Path,
    key: &str,
    document: &mut Document<'_>,
) -> PathBuf {
    let path = resolve(folder, path);
    if !path.is_file() {
        let message = format!("there is no file {}", path.display());
        document.problem(key, message, None);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_folder_that_names_them() {
        for (folder, path, resolved) in [
            ("config", "tenants", "config/tenants"),
            ("config", "../data", "data"),
            ("config", "./tls//a.pem", "config/tls/a.pem"),
            ("/etc/jackfield", "/var/lib/jackfield", "/var/lib/jackfield"),
            ("/etc", "../../data", "/data"),
            ("", "../data", "../data"),
            ("config", "..", "."),
        ] {
            assert_eq!(
                resolve(Path::new(folder), Path::new(path)),
                Path::new(resolved)
            );
        }
    }
}
