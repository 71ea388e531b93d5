//! Kamailio, configured as the guide says.

use std::fs::{self, File};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;

use crate::phone::Phone;
use crate::wait;

const GUIDE: &str = include_str!("../../docs/guides/sip.md");

/// How often a port is looked for that nobody has taken in the meantime.
const TRIES: usize = 5;

/// A Kamailio on a free port of the loopback interface. Stopped when dropped.
#[derive(Debug)]
pub struct Kamailio {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
}

/// Where it looks its accounts up.
pub struct Accounts<'a> {
    /// The URL of the TLS listener.
    pub ldaps_url: &'a str,
    /// The certificate by which it knows the server.
    pub certificate: &'a Path,
    /// Who it binds as.
    pub bind_dn: &'a str,
    /// With which password.
    pub password: &'a str,
    /// What the guide's configuration says otherwise: pairs of what is there and what is meant.
    pub edits: &'a [(&'a str, &'a str)],
}

impl Kamailio {
    /// Starts one; returns when it answers.
    pub fn start(accounts: &Accounts<'_>) -> Result<Self> {
        for _ in 1..TRIES {
            if let Ok(kamailio) = Self::try_to_start(accounts) {
                return Ok(kamailio);
            }
        }
        Self::try_to_start(accounts)
    }

    fn try_to_start(accounts: &Accounts<'_>) -> Result<Self> {
        let folder = TempDir::with_prefix("kamailio-")?;
        let address = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let directory = edited(
            &block("kamailio-ldap.cfg")?,
            &[
                ("ldaps://directory.acme.example:3636", accounts.ldaps_url),
                (
                    "uid=kamailio,ou=services,dc=acme,dc=example",
                    accounts.bind_dn,
                ),
                ("the printed password", accounts.password),
            ],
        )?;
        fs::write(path("ldap.cfg"), directory)?;
        let main = edited(
            &block("kamailio.cfg")?,
            &[
                ("udp:0.0.0.0:5060", &format!("udp:{address}")),
                ("/etc/kamailio/ldap.cfg", &path("ldap.cfg")),
            ],
        )?;
        fs::write(path("kamailio.cfg"), edited(&main, accounts.edits)?)?;
        let log = File::create(path("log"))?;
        let child = Command::new("kamailio")
            .args(["-f", &path("kamailio.cfg"), "-Y", &path("")])
            // In the foreground, its log on standard error, with little memory.
            .args(["-DD", "-E", "-m", "32", "-M", "4"])
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LDAPTLS_CACERT", accounts.certificate)
            .env("LDAPCONF", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("kamailio does not run: apt-get install kamailio-ldap-modules")?;
        let mut kamailio = Self {
            child,
            folder,
            address,
        };
        kamailio.is_up()?;
        Ok(kamailio)
    }

    fn is_up(&mut self) -> Result<()> {
        let mut phone = Phone::new(self.address, "nobody", "acme.example", "")?;
        let asked = wait::until(|| match self.child.try_wait() {
            Ok(Some(status)) => Some(Err(anyhow!("it ended with {status}"))),
            _ => phone.is_answered().then_some(Ok(())),
        });
        match asked {
            Some(outcome) => outcome.with_context(|| self.log()),
            None => bail!("it does not answer\n{}", self.log()),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // So that it ends its own processes, too.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        if wait::until(|| self.child.try_wait().ok().flatten()).is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- kamailio\n{}", self.log());
        }
    }
}

/// The block of the guide that begins with this name.
fn block(name: &str) -> Result<String> {
    let start = format!("```{name}\n");
    let (_, rest) = GUIDE.split_once(&start).with_context(|| start.clone())?;
    let (text, _) = rest.split_once("```").context("an end")?;
    Ok(text.to_owned())
}

/// The text with each of these in place of what is there.
fn edited(text: &str, edits: &[(&str, &str)]) -> Result<String> {
    edits.iter().try_fold(text.to_owned(), |text, (old, new)| {
        ensure!(text.contains(old), "{old} does not stand in\n{text}");
        Ok(text.replace(old, new))
    })
}
