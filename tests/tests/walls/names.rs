//! Which names may stand in which crate's sources.

use crate::rust::{self, Source};
use crate::workspace::{self, File};

/// Where a rule looks.
enum View {
    /// In code, as whole words: `use tokio`, `tokio::spawn`, but not `my_tokio_free`.
    Code,
    /// In the contents of string literals, anywhere.
    Literals,
}

struct Rule {
    /// What is said when it is broken.
    says: &'static str,
    view: View,
    words: &'static [&'static str],
    /// Path prefixes under `crates/` that the rule is for; all, if there are none.
    within: &'static [&'static str],
    /// Path prefixes under `crates/` that may do it.
    except: &'static [&'static str],
}

const PURE: &[&str] = &["model/", "access/", "directory/"];
/// The only ones that know what time it is and make random ids, and pass both on.
const AMBIENT: &[&str] = &["jackfield/"];

const RULES: &[Rule] = &[
    Rule {
        says: "the pure crates know no runtime, no database and no wire format",
        view: View::Code,
        words: &[
            "tokio",
            "sqlx",
            "axum",
            "hyper",
            "ldap3_proto",
            "rustls",
            "reqwest",
            "async fn",
        ],
        within: PURE,
        except: &[],
    },
    Rule {
        says: "the pure crates do no I/O",
        view: View::Code,
        // Addresses are data; sockets are not.
        words: &[
            "std::fs",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "ToSocketAddrs",
            "println!",
            "eprintln!",
            "include_str!",
        ],
        within: PURE,
        except: &[],
    },
    Rule {
        says: "only `ldap` names ldap3_proto",
        view: View::Code,
        words: &["ldap3_proto"],
        within: &[],
        except: &["ldap/"],
    },
    Rule {
        says: "only `scim`, `api`, `console` and the binary that joins their routers name axum",
        view: View::Code,
        words: &["axum"],
        within: &[],
        except: &["scim/", "api/", "console/", "jackfield/"],
    },
    Rule {
        says: "only the stores name sqlx",
        view: View::Code,
        words: &["sqlx"],
        within: &[],
        except: &["store-sqlite/", "store-postgres/"],
    },
    Rule {
        says: "only `net` accepts sockets",
        view: View::Code,
        words: &["TcpListener", "UnixListener", "TcpSocket", ".accept("],
        within: &[],
        except: &["net/"],
    },
    Rule {
        says: "only `scim` knows SCIM's messages and media type",
        view: View::Literals,
        words: &[
            "urn:ietf:params:scim:api",
            "application/scim+json",
            "ListResponse",
            "PatchOp",
        ],
        within: &[],
        except: &["scim/"],
    },
    Rule {
        says: "SCIM's schema names stand in `scim`, and in the model's table of attributes",
        view: View::Literals,
        words: &["urn:ietf:params:scim:schemas"],
        within: &[],
        except: &["scim/", "model/src/schema"],
    },
    Rule {
        says: "LDAP's result codes are chosen in one file, and encoded by the wire layer",
        view: View::Code,
        words: &["LdapResultCode", "ResultCode"],
        within: &[],
        except: &["ldap/src/error.rs", "ldap/src/wire"],
    },
    Rule {
        says: "HTTP's statuses for errors are chosen in one file",
        view: View::Code,
        words: &[
            "StatusCode::BAD",
            "StatusCode::UNAUTHORIZED",
            "StatusCode::FORBIDDEN",
            "StatusCode::NOT_FOUND",
            "StatusCode::NOT_IMPLEMENTED",
            "StatusCode::METHOD",
            "StatusCode::NOT_ACCEPTABLE",
            "StatusCode::CONFLICT",
            "StatusCode::PRECONDITION",
            "StatusCode::PAYLOAD",
            "StatusCode::URI",
            "StatusCode::UNSUPPORTED",
            "StatusCode::UNPROCESSABLE",
            "StatusCode::TOO_MANY",
            "StatusCode::REQUEST",
            "StatusCode::INTERNAL",
            "StatusCode::SERVICE",
            "StatusCode::GATEWAY",
            "StatusCode::from_u16",
            "StatusCode::try_from",
        ],
        within: &["scim/"],
        except: &["scim/src/error.rs"],
    },
    Rule {
        says: "the environment is read in `config` alone",
        view: View::Code,
        words: &["std::env", "env::var", "env::vars", "env::var_os"],
        within: &[],
        except: &["config/"],
    },
    Rule {
        says: "the time is passed in",
        view: View::Code,
        words: &[
            "SystemTime::now",
            "OffsetDateTime::now_utc",
            "OffsetDateTime::now_local",
        ],
        within: &[],
        except: AMBIENT,
    },
    Rule {
        says: "ids and secrets come from a source that is passed in",
        view: View::Code,
        words: &[
            "Uuid::new_v4",
            "Uuid::now_v7",
            "rand::rng",
            "thread_rng",
            "OsRng",
            "SysRng",
            "getrandom",
            "rand::random",
        ],
        within: &[],
        except: AMBIENT,
    },
];

/// Every line of the product's sources that breaks a rule.
fn problems(files: &[File]) -> Vec<String> {
    let sources = rust::product(files);
    let mut problems = Vec::new();
    for rule in RULES {
        for source in sources.iter().filter(|source| applies(rule, &source.path)) {
            for (number, word) in hits(rule, source) {
                problems.push(format!("{}:{number}: `{word}`: {}", source.path, rule.says));
            }
        }
    }
    problems
}

fn applies(rule: &Rule, path: &str) -> bool {
    let path = path.trim_start_matches("crates/");
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    (rule.within.is_empty() || starts(rule.within)) && !starts(rule.except)
}

fn hits(rule: &Rule, source: &Source) -> Vec<(usize, &'static str)> {
    let view = match rule.view {
        View::Code => &source.code,
        View::Literals => &source.literals,
    };
    let mut hits = Vec::new();
    for (index, line) in view.lines().enumerate() {
        for word in rule.words {
            let found = match rule.view {
                View::Code => has_word(line, word) || has_import(line, word),
                View::Literals => line.contains(word),
            };
            if found {
                hits.push((index + 1, *word));
            }
        }
    }
    hits
}

/// Whether `word` stands in `line` on its own on the left, and on its own or at a `_` on the right:
/// `StatusCode::BAD` finds `StatusCode::BAD_REQUEST`.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let bare = word.starts_with('.') || !line[..at].ends_with(part);
        let after = &line[at + word.len()..];
        bare && (!after.starts_with(char::is_alphanumeric) || word.ends_with('('))
    })
}

/// Whether `line` imports `std::fs` as `use std::{fs, …}`.
fn has_import(line: &str, word: &str) -> bool {
    let Some((module, item)) = word.rsplit_once("::") else {
        return false;
    };
    let Some((_, list)) = line.split_once(&format!("use {module}::{{")) else {
        return false;
    };
    list.split(['{', '}', ',', ';', ' ', ':'])
        .any(|name| name == item)
}

#[test]
fn the_sources_keep_to_the_walls() {
    crate::assert_none(&problems(&workspace::files(&["crates"], &[".rs"])));
}

#[test]
fn a_broken_wall_is_found() {
    // (where, what stands there, the word that is reported)
    let broken = [
        ("model", "lib.rs", "use tokio::sync::Mutex;", "tokio"),
        (
            "access",
            "lib.rs",
            "let text = std::fs::read(path);",
            "std::fs",
        ),
        ("access", "lib.rs", "use std::{fmt, fs};", "std::fs"),
        (
            "directory",
            "search.rs",
            "pub async fn search() {}",
            "async fn",
        ),
        (
            "gateway",
            "bind.rs",
            "use ldap3_proto::proto::LdapOp;",
            "ldap3_proto",
        ),
        ("ldap", "lib.rs", "axum::Router::new()", "axum"),
        ("gateway", "lib.rs", "sqlx::query(\"SELECT 1\")", "sqlx"),
        (
            "ldap",
            "lib.rs",
            "let l = TcpListener::bind(a).await?;",
            "TcpListener",
        ),
        (
            "jackfield",
            "main.rs",
            "let (s, _) = listener.accept().await?;",
            ".accept(",
        ),
        (
            "gateway",
            "lib.rs",
            "let t = \"application/scim+json\";",
            "application/scim+json",
        ),
        (
            "api",
            "lib.rs",
            "r#\"urn:ietf:params:scim:schemas:core:2.0:User\"#",
            "urn:ietf:params:scim:schemas",
        ),
        (
            "ldap",
            "search.rs",
            "LdapResultCode::NoSuchObject",
            "LdapResultCode",
        ),
        (
            "scim",
            "users.rs",
            "StatusCode::BAD_REQUEST",
            "StatusCode::BAD",
        ),
        (
            "scim",
            "users.rs",
            "StatusCode::NOT_FOUND",
            "StatusCode::NOT_FOUND",
        ),
        (
            "store",
            "lib.rs",
            "let now = SystemTime::now();",
            "SystemTime::now",
        ),
        (
            "gateway",
            "lib.rs",
            "let id = Uuid::new_v4();",
            "Uuid::new_v4",
        ),
    ];
    for (name, file, line, word) in broken {
        let path = format!("crates/{name}/src/{file}");
        let text = format!("//! Doc.\nfn f() {{\n{line}\n}}");
        let found = problems(&[File::new(&path, &text)]);
        assert!(
            found
                .iter()
                .any(|p| p.starts_with(&format!("{path}:3: `{word}`"))),
            "{name}: {line}: {found:?}"
        );
    }
    let found = problems(&[File::new(
        "crates/gateway/src/lib.rs",
        "let v = std::env::var(\"X\");",
    )]);
    assert!(!found.is_empty(), "the environment");
}

#[test]
fn what_the_walls_allow_is_no_problem() {
    let allowed = [
        ("ldap/src/wire/op.rs", "use ldap3_proto::LdapResultCode;"),
        ("ldap/src/error.rs", "LdapResultCode::NoSuchObject"),
        (
            "scim/src/users.rs",
            "StatusCode::CREATED; let t = \"application/scim+json\";",
        ),
        ("scim/src/error.rs", "StatusCode::CONFLICT"),
        (
            "model/src/schema/core.rs",
            "\"urn:ietf:params:scim:schemas:core:2.0:User\"",
        ),
        ("model/src/principal.rs", "use std::net::IpAddr;"),
        ("config/src/lib.rs", "std::env::var(\"X\")"),
        (
            "jackfield/src/main.rs",
            "SystemTime::now(); Uuid::now_v7(); axum::Router::new();",
        ),
        (
            "gateway/src/lib.rs",
            "// never sqlx, never std::env::var\nlet s = \"sqlx\";",
        ),
        (
            "gateway/src/lib.rs",
            "#[cfg(test)]\nmod tests {\n    fn f() { Uuid::new_v4(); }\n}",
        ),
        (
            "net/src/listener.rs",
            "let l = TcpListener::bind(a); l.accept();",
        ),
    ];
    for (path, text) in allowed {
        crate::assert_none(&problems(&[File::new(&format!("crates/{path}"), text)]));
    }
}
