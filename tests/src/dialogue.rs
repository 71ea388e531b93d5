//! What phones and telephone systems say over LDAP, as text: requests, and what is answered.
//!
//! `tests/fixtures/ldap/README.md` describes the form. A dialogue is held with a running server,
//! and what came of it is the same text again: if anything else was answered, it differs.
//!
//! | module | holds |
//! | --- | --- |
//! | [`request`] | a line as octets |
//! | [`answer`] | octets as lines |
//! | [`place`] | texts that are different in every run |

pub mod answer;
pub mod place;
pub mod request;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use toml::{Table, Value};

use self::place::Places;
use crate::ber::{self, Connection, tag};
use crate::{Access, Home, Server};

/// What `jackfield device create --json` prints, and `service-account create`.
#[derive(Debug, Deserialize)]
struct Account {
    bind_dn: String,
    password: String,
}

/// Holds the dialogue of this file. Gives the text that it should have been.
pub fn hold(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let all = |key: &'static str| {
        let lines = text.lines().take_while(|line| !line.starts_with("## "));
        lines.filter_map(move |line| line.strip_prefix(key)?.strip_prefix(": "))
    };
    ensure!(
        all("title").count() == 1 && all("source").count() > 0,
        "no title or source"
    );
    let (home, mut places) = prepared(all("setting"), all("listener"), all("account"))?;
    for line in all("secret") {
        give_secret(&home, line).with_context(|| line.to_owned())?;
    }
    let server = home.serve()?;
    let mut held = Held {
        server: &server,
        connection: None,
        id: 0,
        cookie: Vec::new(),
    };
    let mut written = String::new();
    for line in text.lines() {
        if let Some(request) = line.strip_prefix("> ") {
            let answer = held
                .say(&places.fill(request))
                .with_context(|| request.to_owned())?;
            written.push_str(line);
            written.push('\n');
            written.push_str(&places.generalise(&answer));
        } else if !line.starts_with("< ") {
            written.push_str(line);
            written.push('\n');
        }
    }
    Ok(written)
}

/// A home with the people of `tests/fixtures/ldap/people.ldif`, a phone and other accounts.
fn prepared<'t>(
    settings: impl Iterator<Item = &'t str>,
    listener: impl Iterator<Item = &'t str>,
    accounts: impl Iterator<Item = &'t str>,
) -> Result<(Home, Places)> {
    let home = Home::new()?;
    home.without_sample()?;
    let tenant = fs::read_to_string(home.tenant_file())?;
    let settings: Vec<&str> = settings.collect();
    let numbering = "[numbering]\ncountry = \"49\"\narea = \"30\"\n\
                     extensions = [{ prefix = \"+4930555\", digits = 3 }]";
    fs::write(
        home.tenant_file(),
        format!("{}\n{tenant}\n{numbering}\n", settings.join("\n")),
    )?;
    let listener: Table = listener.collect::<Vec<_>>().join("\n").parse()?;
    home.edit_config(|config| {
        let listeners = config.get_mut("listeners").and_then(Value::as_table_mut);
        let ldap = listeners
            .and_then(|all| all.get_mut("ldap"))
            .and_then(Value::as_table_mut);
        if let Some(ldap) = ldap {
            ldap.extend(listener);
        }
    })?;
    let access: Access = home.bootstrap()?;
    let people = crate::home::shipped("tests/fixtures/ldap/people.ldif");
    let people = people.display().to_string();
    let imported = home.run(&["import", "--tenant", "acme", &people])?;
    ensure!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let mut places = Places::new(&access.ldap.base);
    let phone = ["device", "create", "--name", "001565aabbcc"];
    for command in [phone.join(" ")]
        .into_iter()
        .chain(accounts.map(|account| format!("service-account create --name {account}")))
    {
        let mut words: Vec<&str> = command.split(' ').collect();
        words.extend(["--tenant", "acme", "--json"]);
        let account: Account = home.run_json(&words)?;
        let name = if command.starts_with("device") {
            "phone"
        } else {
            "account"
        };
        places.put(name, &account.bind_dn);
        places.put(&format!("{name}.password"), &account.password);
    }
    Ok((home, places))
}

/// Sets the SIP secret of `EXTENSION SECRET`.
fn give_secret(home: &Home, line: &str) -> Result<()> {
    let (extension, secret) = line.split_once(' ').context("no secret")?;
    let mut child = home
        .command(&["sip", "set", extension, "--tenant", "acme"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(secret.as_bytes())?;
    drop(stdin);
    ensure!(child.wait()?.success(), "it is not taken");
    Ok(())
}

struct Held<'s> {
    server: &'s Server,
    connection: Option<Connection>,
    id: u32,
    cookie: Vec<u8>,
}

impl Held<'_> {
    fn say(&mut self, line: &str) -> Result<String> {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["type", filter, keys, rest @ ..] => self.type_keys(filter, keys, rest),
            ["unbind"] => {
                self.send(|id| ber::message(id, &[tag::UNBIND, 0]))?;
                let rest = self.connection()?.rest()?;
                self.connection = None;
                ensure!(rest.is_empty(), "an answer to unbind: {rest:?}");
                Ok("< closed\n".to_owned())
            }
            _ => {
                let request = request::encode(&words, &self.cookie)?;
                let id = self.send(|id| request::message(id, &request))?;
                self.receive(id)
            }
        }
    }

    /// A search for each key that was pressed, each but the last abandoned by the next, all in one
    /// write. What the last one finds is the answer.
    fn type_keys(&mut self, filter: &str, keys: &str, rest: &[&str]) -> Result<String> {
        let mut octets = Vec::new();
        let mut before = None;
        let mut typed = String::new();
        for key in keys.chars() {
            typed.push(key);
            if let Some(before) = before {
                self.id += 1;
                let abandon = ber::integer(tag::ABANDON, before);
                octets.extend(ber::message(self.id, &abandon));
            }
            self.id += 1;
            before = Some(self.id);
            let filter = filter.replace('%', &typed);
            let words = [&["search", "sub", rest[0], &filter], &rest[1..]].concat();
            octets.extend(request::message(self.id, &request::encode(&words, &[])?));
        }
        let last = self.id;
        self.connection()?.send(&octets)?;
        self.receive(last)
    }

    fn send(&mut self, message: impl FnOnce(u32) -> Vec<u8>) -> Result<u32> {
        self.id += 1;
        let octets = message(self.id);
        self.connection()?.send(&octets)?;
        Ok(self.id)
    }

    /// The answer to this request; what others still say is passed over.
    fn receive(&mut self, id: u32) -> Result<String> {
        let mut lines = String::new();
        loop {
            let Some(response) = self.connection()?.receive()? else {
                self.connection = None;
                return Ok(lines + "< closed\n");
            };
            if response.id == id || response.id == 0 {
                lines.push_str(&answer::shown(&response)?);
                self.cookie = answer::cookie(&response.controls).unwrap_or_default();
                if response.tag != tag::ENTRY {
                    return Ok(lines);
                }
            }
        }
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open(self.server.listeners().ldap)?);
        }
        self.connection.as_mut().context("no connection")
    }
}
