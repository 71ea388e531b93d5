//! Debian's slapd on mdb, in the foreground, in a folder of its own: what Jackfield is compared with.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::{home, wait};

/// The password of [`Slapd::root_dn`].
pub const PASSWORD: &str = "correct-horse-battery-staple";

/// A database that was loaded, to be served.
#[derive(Debug)]
pub struct Slapd {
    folder: TempDir,
    base: String,
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    address: SocketAddr,
}

impl Slapd {
    /// A database for what is below `base`. `global` are lines of slapd.conf before it, schema
    /// included; `own` are lines for the database itself. `ldif` is taken as it stands, without
    /// asking whether it obeys the schema.
    pub fn load(base: &str, global: &str, own: &str, ldif: &str) -> Result<Self> {
        let slapd = Self::empty(base, global, own)?;
        slapd.take(ldif)?;
        Ok(slapd)
    }

    /// The same, with nothing in it.
    pub fn empty(base: &str, global: &str, own: &str) -> Result<Self> {
        let folder = TempDir::with_prefix("slapd-")?;
        fs::create_dir(folder.path().join("db"))?;
        let slapd = Self {
            folder,
            base: base.to_owned(),
        };
        let at = slapd.folder.path().display();
        let configuration = format!(
            "{global}\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {at}/pid\n\
             loglevel none\nthreads 4\nsizelimit unlimited\n\
             database mdb\nmaxsize 8589934592\nsuffix \"{base}\"\ndirectory {at}/db\n\
             rootdn \"{}\"\nrootpw {PASSWORD}\n{own}\n",
            slapd.root_dn()
        );
        fs::write(slapd.path("slapd.conf"), configuration)?;
        Ok(slapd)
    }

    /// Adds this LDIF by `slapadd -q`.
    pub fn take(&self, ldif: &str) -> Result<()> {
        let file = self.folder.path().join("data.ldif");
        fs::write(&file, ldif)?;
        self.add(&file)
    }

    /// Adds a file of LDIF by `slapadd -q`.
    pub fn add(&self, ldif: &Path) -> Result<()> {
        let output = Command::new("/usr/sbin/slapadd")
            .args(["-q", "-s", "-f", &self.path("slapd.conf"), "-l"])
            .arg(ldif)
            .output()
            .context("slapadd does not run")?;
        ensure!(
            output.status.success(),
            "slapadd: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Who may read everything, without limits.
    pub fn root_dn(&self) -> String {
        format!("cn=root,{}", self.base)
    }

    /// Starts it; returns when it listens.
    pub fn serve(&self) -> Result<Running> {
        self.serve_under(&[])
    }

    /// The same, as the last argument of this command.
    pub fn serve_under(&self, wrapper: &[String]) -> Result<Running> {
        // slapd cannot choose a free port itself.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = home::wrapped(wrapper, "/usr/sbin/slapd".as_ref())
            .args(["-d", "0", "-f", &self.path("slapd.conf")])
            .args(["-h", &format!("ldap://{address}/")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("slapd does not run")?;
        let running = Running { child, address };
        wait::until(|| TcpStream::connect(address).ok()).context("slapd does not listen")?;
        Ok(running)
    }

    fn path(&self, name: &str) -> String {
        let path: &Path = self.folder.path();
        path.join(name).to_string_lossy().into_owned()
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
