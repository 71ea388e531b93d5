//! What an operator reads who made mistakes: every one of them, in one run, exactly.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fs;

use jackfield_config::{Overrides, Report, check};

const SERVER: (&str, &str) = ("jackfield.toml", "[listeners.ldap]\n");
const CATALOGUE: (&str, &str) = ("catalogues/small.toml", include_str!("small.toml"));

/// The report on a folder with these files, and the text of it with the folder called `config`.
fn report(files: &[(&str, &str)]) -> (Report, String) {
    report_with(files, &Overrides::default())
}

fn report_with(files: &[(&str, &str)], overrides: &Overrides) -> (Report, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for name in ["catalogues", "tenants"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    let report = check(&folder.path().join("jackfield.toml"), overrides);
    let text = report
        .render(false)
        .replace(folder.path().to_str().unwrap(), "config");
    (report, text)
}

macro_rules! golden {
    ($rule:ident, $($file:expr),+ $(,)?) => {
        #[test]
        fn $rule() {
            let (_, text) = report(&[$($file),+]);
            insta::assert_snapshot!(stringify!($rule), text);
        }
    };
}

golden!(
    every_mistake_of_all_files_is_in_one_report,
    (
        "jackfield.toml",
        r#"
[listeners.http]
adress = "127.0.0.1:8080"
proxies = ["10.0.0.0/33"]

[listeners.ldap]
address = "localhost:3890"
tenant = "acne"
plaintext_binds = "yes"

[limit]
connections = 5

[limits]
connections = 0
search_seconds = "30"
message_bytes = 99999999999999999999

[log]
filter = "loud"
format = "xml"
"#,
    ),
    CATALOGUE,
    (
        "tenants/acme.toml",
        r#"
title = ""
suffix = "dc=acme;dc"
domains = ["acme.example", 5, "acme"]
catalogue = "smal"
colour = "blue"

[numbering]
country = "+49"
trunk = "zero"
national_digits = 40
extensions = [{ prefix = "4930", digits = 3 }]
"#,
    ),
    (
        "tenants/Harbor.toml",
        "title = \"Harbor\"\nsuffix = \"\"\ncatalogue = \"small\"\n"
    ),
    (
        "tenants/north.toml",
        "title = \"North\ncatalogue = small\nsuffix = \"dc=north\"\n"
    ),
);

golden!(
    syntax_errors_are_all_reported,
    SERVER,
    (
        "tenants/acme.toml",
        "title = \"Acme\nsuffix = dc=acme\n[role.a]\ntitle = 'A'\ntitle = 'B'\n[role\n",
    ),
);

golden!(
    two_tenants_share_neither_suffix_nor_domain,
    SERVER,
    CATALOGUE,
    (
        "tenants/acme.toml",
        "title = 'A'\nsuffix = 'dc=acme,dc=example'\ncatalogue = 'small'\ndomains = ['acme.example', 'Acme.Example']\n",
    ),
    (
        "tenants/branch.toml",
        "title = 'B'\nsuffix = 'ou=Branch, DC=Acme, dc=example'\ncatalogue = 'small'\n",
    ),
    (
        "tenants/copy.toml",
        "title = 'C'\nsuffix = 'DC=ACME,DC=Example'\ncatalogue = 'small'\ndomains = ['ACME.example']\n",
    ),
);

golden!(
    mistakes_in_a_catalogue_and_in_custom_roles_are_shown_where_they_are,
    SERVER,
    ("catalogues/broken.toml", include_str!("broken.toml")),
    CATALOGUE,
    (
        "tenants/acme.toml",
        r#"
title = "Acme"
suffix = "dc=acme"
catalogue = "small"

[role.night]
titel = "Night shift"
permissions = ["reports:view", "reports:fly", 7]
"#,
    ),
);

golden!(
    roles_that_nobody_can_assign_and_rules_that_lock_everybody_out_are_shown_where_they_are,
    SERVER,
    ("catalogues/small.toml", include_str!("locked.toml")),
);

golden!(
    mistakes_in_mapping_rules_are_shown_where_they_are,
    SERVER,
    CATALOGUE,
    (
        "tenants/acme.toml",
        r#"
title = "Acme"
suffix = "dc=acme"
catalogue = "small"
seats = -1
audit_days = 0

[role.night]
title = "Night shift"

[mapping.admins]
group = "Telecom Admins"
group_pattern = "telecom-*"
role = "admin"

[mapping.both]
group = " "
roles = ["owner", "night", "user"]

[mapping.neither]
precedence = "high"

[mapping.twice]
group_id = "f0a1"
role = "owner"
roles = ["night"]
"#,
    ),
);

golden!(
    files_that_are_named_must_be_there,
    (
        "jackfield.toml",
        r#"
listeners.ldaps = {}
tls.certificate = "missing.pem"
store.postgres.url_file = "missing.url"
keys.audit_file = "missing.key"
keys.seal_files = ["jackfield.toml", "missing.key"]
folders.tenants = "nowhere"
"#,
    ),
);

golden!(
    what_excludes_each_other_is_said,
    (
        "jackfield.toml",
        r#"
[store.sqlite]
[store.postgres]
url = "mysql://db"
url_file = "db.url"

[http]
public_url = "directory.example"
"#,
    ),
);

golden!(
    a_tenants_own_schemas_are_checked,
    SERVER,
    CATALOGUE,
    (
        "tenants/acme.toml",
        r#"
title = "Acme"
suffix = "dc=acme"
catalogue = "small"

[schema.empty]
urn = "hr"
extends = "users"
attribute = {}

[schema.product]
urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
extends = "user"
attribute.badge = {}

[schema.hr]
urn = "urn:acme:hr"
extends = "user"

[schema.hr.attribute.badge]
type = "number"
ldap = "uid"
colour = "red"

[schema.hr.attribute.Badge]
mutability = "readOnly"
returned = "never"
ldap = "acme_badge"

[schema.hr.attribute.4th]
type = "boolean"
unique = true
index = "exact"
case_exact = true

[schema.hr.attribute.car]
type = "complex"
unique = true
ldap = "acmeCar"

[schema.hr.attribute.flat]
sub.code = { ldap = "acmeCode" }

[schema.hr.attribute.floor]
type = "integer"
index = "text"
canonical_values = ["1"]
references = ["User"]

[schema.hr.attribute.seat]
type = "complex"
sub.primary = { ldap = "ACMECODE" }
sub.deep = { type = "complex" }

[schema.team]
urn = "URN:acme:HR"
extends = "group"
attribute.badge = {}
"#,
    ),
);

#[test]
fn there_is_room_for_so_many_attributes() {
    let tenant = |count: usize| {
        let attributes = (0..count).map(|n| format!("attribute.a{n} = {{}}\n"));
        let head = "title = 'Acme'\nsuffix = 'dc=acme'\ncatalogue = 'small'\n\
                    [schema.hr]\nurn = 'urn:acme:hr'\nextends = 'user'\n";
        format!("{head}{}", attributes.collect::<String>())
    };
    for (count, expected) in [
        (64, None),
        (65, Some("more than 64")),
        (70, Some("more than 64")),
    ] {
        let (report, text) = report(&[SERVER, CATALOGUE, ("tenants/acme.toml", &tenant(count))]);
        assert_eq!(
            report.problems().len(),
            usize::from(expected.is_some()),
            "{text}"
        );
        assert!(
            expected.is_none_or(|expected| text.contains(expected)),
            "{text}"
        );
    }
}

golden!(
    a_tenants_password_policy_is_no_weaker_than_its_catalogues,
    ("jackfield.toml", "[listeners.ldap]\n"),
    CATALOGUE,
    (
        "tenants/acme.toml",
        r#"
title = "Acme"
suffix = "dc=acme"
catalogue = "small"
password_policy = { min_length = 7 }
"#,
    ),
    (
        "tenants/harbor.toml",
        r#"
title = "Harbor"
suffix = "dc=harbor"
catalogue = "small"

[password_policy]
min_length = 129
require = ["emoji"]
"#,
    ),
);

golden!(
    plain_http_beyond_loopback_needs_an_explicit_setting,
    (
        "jackfield.toml",
        "[listeners.http]\naddress = '0.0.0.0:8080'\n"
    ),
);

golden!(
    secrets_are_masked,
    (
        "jackfield.toml",
        r#"
listeners.ldap = { adress = 1 }
store.postgres = { url = "mysql://u:hunter2@db", urls = "postgres://u:hunter2@db", url_file = 5 }
"#,
    ),
);

#[test]
fn a_secret_is_in_no_part_of_a_report() {
    for line in [
        "store.postgres.url = \"mysql://u:hunter2@db\"",
        "store.postgres.url = [\"hunter2\"]",
        "store.postgres.password = \"hunter2\"",
        "store = { postgres = { url = \"hunter2\", bogus = 1 } }",
        "store = { postgre = { url = \"hunter2\" } }",
        "store.postgres.url = \"hunter2",
        "store.postgres.url = hunter2",
        "store.postgres.url = 'hunter2' x",
        "store.postgres.url 'postgres://u:hunter2@db'",
        "store.postgres.url = postgres://u:hunter2@db",
        "store.postgres = { url = 'postgres://u:hunter2@db'",
        "store.postgres = [ 'postgres://u:hunter2@db' ",
        "store.postgres\nurl = 'postgres://u:hunter2@db' = ",
    ] {
        let (report, text) = report(&[("jackfield.toml", line)]);
        assert!(!report.is_empty(), "{line}");
        let json = serde_json::to_string(&report).unwrap();
        assert!(
            !text.contains("hunter2") && !json.contains("hunter2"),
            "{line}\n{text}"
        );
        assert!(!format!("{report:?}").contains("hunter2"), "{line}");
    }
}

#[test]
fn a_program_reads_the_same_report_as_json() {
    let (report, _) = report(&[
        ("jackfield.toml", "[listeners.ldap]\naddress = \"ä\" # €\n"),
        ("tenants/A.toml", "title = 'A'\nsuffix = 'o=a'\n"),
    ]);
    let mut json = serde_json::to_value(&report).unwrap();
    for problem in json["problems"].as_array_mut().unwrap() {
        let file = problem["file"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        problem["file"] = file.into();
    }
    insta::assert_json_snapshot!(json);
}

#[test]
fn what_the_command_line_says_is_checked_too() {
    let overrides = Overrides {
        listen_http: "192.0.2.1:80".parse().ok(),
        log: Some("shout".to_owned()),
        ..Overrides::default()
    };
    let (_, text) = report_with(&[SERVER], &overrides);
    insta::assert_snapshot!(text);
}

#[test]
fn a_missing_file_is_named() {
    let (_, text) = report(&[]);
    insta::assert_snapshot!(text);
}

#[test]
fn colour_is_there_only_when_asked_for() {
    let (report, text) = report(&[("jackfield.toml", "x = 1")]);
    assert!(!text.contains('\u{1b}'));
    assert!(report.render(true).contains('\u{1b}'));
}
