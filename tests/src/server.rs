//! A running server.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::home::{Access, Home, Owner, ScimAccess};
use crate::tools::Tools;
use crate::wait;

/// A server on free ports of the loopback interface. Killed when dropped; when the test is failing,
/// what it logged is shown.
#[derive(Debug)]
pub struct Server {
    home: Home,
    child: Child,
    listeners: Listeners,
}

/// `DIR/listeners.json`: the addresses in use.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Listeners {
    /// Of HTTP or HTTPS.
    pub http: SocketAddr,
    /// Of LDAP.
    pub ldap: SocketAddr,
    /// Of LDAPS.
    pub ldaps: SocketAddr,
    /// Of the metrics, where the configuration has them.
    pub metrics: Option<SocketAddr>,
}

/// What `jackfield token create --json` prints, as far as it matters.
#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Server {
    /// On this home; returns when it listens.
    pub fn start(home: Home) -> Result<Self> {
        Self::start_with(home, &[])
    }

    /// With more arguments.
    pub fn start_with(home: Home, arguments: &[&str]) -> Result<Self> {
        let announced = home.data().join("listeners.json");
        // Of an earlier server that had no time to remove it.
        let _ = fs::remove_file(&announced);
        let any = "127.0.0.1:0";
        let mut command = home.command(&[
            "serve",
            "--listen-http",
            any,
            "--listen-ldap",
            any,
            "--listen-ldaps",
            any,
        ]);
        let mut child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(home.folder().join("stdout.log"))?)
            .stderr(File::create(home.folder().join("stderr.log"))?)
            .spawn()
            .with_context(|| format!("{} does not start", command.get_program().display()))?;
        let listeners = wait::until(|| {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(Err(anyhow!("the server ended with {status}")));
            }
            let text = fs::read_to_string(&announced).ok()?;
            let listeners: Listeners = serde_json::from_str(&text).ok()?;
            TcpStream::connect(listeners.ldap)
                .ok()
                .map(|_| Ok(listeners))
        });
        let logs = |why: &str| anyhow!("{why}\n{}", log(&home));
        match listeners {
            Some(Ok(listeners)) => Ok(Self {
                home,
                child,
                listeners,
            }),
            Some(Err(error)) => Err(logs(&error.to_string())),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                let text = fs::read_to_string(&announced).unwrap_or_default();
                Err(logs(&format!(
                    "the server does not get ready; listeners.json: {text:?}"
                )))
            }
        }
    }

    /// A server on a new home, and the access that `bootstrap` gives while it runs.
    pub fn bootstrapped() -> Result<(Self, Access)> {
        let server = Home::new()?.serve()?;
        let access = server.bootstrap()?;
        Ok((server, access))
    }

    /// A server on a new home, and a connection of this kind to a tenant in which nobody is.
    pub fn with_connection(kind: &str) -> Result<(Self, ScimAccess)> {
        let home = Home::new()?;
        let made: Token = home.run_json(&[
            "token",
            "create",
            "--tenant",
            "acme",
            "--connection",
            kind,
            "--kind",
            kind,
            "--json",
        ])?;
        let server = home.serve()?;
        let url = server.http("/scim/acme/v2");
        let token = made.token;
        Ok((server, ScimAccess { url, token }))
    }

    /// `bootstrap` beside this server. Returns when the server has learnt of what it made, which
    /// is soon, but not at once.
    pub fn bootstrap(&self) -> Result<Access> {
        let access = self.home.bootstrap()?;
        let service = Tools::new(&access.ldap);
        let Owner {
            user_name,
            password,
        } = &access.owner;
        let owner = Tools::bound(&access.ldap.url, &access.ldap.base, user_name, password);
        let is_known = || -> Result<bool> {
            Ok(service.whoami()?.code == 0
                && owner.whoami()?.code == 0
                && self.takes_token(&access.scim.token)?)
        };
        let known = wait::until(|| is_known().map(|known| known.then_some(())).transpose());
        known.context("the server does not learn of what bootstrap made")??;
        Ok(access)
    }

    fn takes_token(&self, token: &str) -> Result<bool> {
        let mut stream = TcpStream::connect(self.listeners.http)?;
        write!(
            stream,
            "GET /scim/acme/v2/Users?count=0 HTTP/1.1\r\nHost: {}\r\n\
             Authorization: Bearer {token}\r\nConnection: close\r\n\r\n",
            self.listeners.http
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    }

    /// Where it is at home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Where it listens.
    pub fn listeners(&self) -> Listeners {
        self.listeners
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed for the person who started it.
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.home.folder().join("stdout.log")).unwrap_or_default()
    }

    /// What it has logged.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.home.folder().join("stderr.log")).unwrap_or_default()
    }

    /// The `http://` URL of a path.
    pub fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.listeners.http)
    }

    /// The `ldap://` URL.
    pub fn ldap_url(&self) -> String {
        format!("ldap://{}", self.listeners.ldap)
    }

    /// The `ldaps://` URL.
    pub fn ldaps_url(&self) -> String {
        format!("ldaps://{}", self.listeners.ldaps)
    }

    /// Sends a signal by its name, such as `HUP`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.id().to_string()])
            .status()?;
        if !status.success() {
            bail!("kill -{name}: {status}");
        }
        Ok(())
    }

    /// Ends it as a power cut would, and gives its home back.
    pub fn kill(mut self) -> Result<Home> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.home.clone())
    }

    /// Asks it to end, as Ctrl-C does, and waits until it has.
    pub fn stop(mut self) -> Result<(Home, ExitStatus)> {
        self.signal("INT")?;
        let status = self.wait()?;
        Ok((self.home.clone(), status))
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        wait::until(|| self.child.try_wait().transpose())
            .with_context(|| format!("the server does not end\n{}", log(&self.home)))?
            .map_err(Into::into)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}", log(&self.home));
        }
    }
}

/// What a server at this home printed and logged.
fn log(home: &Home) -> String {
    let read = |name: &str| -> String {
        let path: PathBuf = home.folder().join(name);
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    };
    format!(
        "--- stdout\n{}\n--- stderr\n{}",
        read("stdout.log"),
        read("stderr.log")
    )
}
