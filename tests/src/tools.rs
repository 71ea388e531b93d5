//! OpenLDAP's command-line tools.

use std::process::Command;

use anyhow::{Context, Result};

use crate::home::LdapAccess;

/// What a tool printed, and how it ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit code: the LDAP result code of the last operation, for the most part.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// A client of one server with one bind name.
#[derive(Clone, Debug)]
pub struct Tools {
    url: String,
    bind: Vec<String>,
    /// The suffix that searches start from.
    pub base: String,
}

impl Tools {
    /// With the service account of `bootstrap`.
    pub fn new(access: &LdapAccess) -> Self {
        Self::bound(&access.url, &access.base, &access.bind_dn, &access.password)
    }

    /// With any name and password.
    pub fn bound(url: &str, base: &str, name: &str, password: &str) -> Self {
        let bind = ["-D", name, "-w", password].map(str::to_owned).into();
        Self {
            url: url.to_owned(),
            bind,
            base: base.to_owned(),
        }
    }

    /// Without a bind.
    pub fn anonymous(url: &str, base: &str) -> Self {
        Self {
            url: url.to_owned(),
            bind: Vec::new(),
            base: base.to_owned(),
        }
    }

    /// The same, with StartTLS before the bind.
    pub fn with_start_tls(mut self) -> Self {
        self.bind.insert(0, "-ZZ".to_owned());
        self
    }

    /// The same name and password at another URL.
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// `ldapsearch` below the base: the filter, then attributes.
    pub fn search(&self, arguments: &[&str]) -> Result<Ran> {
        self.search_at(&self.base, arguments)
    }

    /// `ldapsearch` from anywhere.
    pub fn search_at(&self, base: &str, arguments: &[&str]) -> Result<Ran> {
        let always = ["-LLL", "-o", "ldif-wrap=no", "-b", base];
        self.run(
            "ldapsearch",
            &always.iter().chain(arguments).copied().collect::<Vec<_>>(),
        )
    }

    /// `ldapwhoami`.
    pub fn whoami(&self) -> Result<Ran> {
        self.run("ldapwhoami", &[])
    }

    /// `ldapcompare`: 6 is true, 5 is false.
    pub fn compare(&self, dn: &str, assertion: &str) -> Result<Ran> {
        self.run("ldapcompare", &[dn, assertion])
    }

    /// Any of the tools.
    pub fn run(&self, tool: &str, arguments: &[&str]) -> Result<Ran> {
        let mut command = Command::new(tool);
        command
            .args(["-x", "-o", "nettimeout=30", "-H", &self.url])
            .args(&self.bind);
        // The certificate is self-signed, and no configuration of the machine counts.
        command
            .args(arguments)
            .env("LDAPTLS_REQCERT", "never")
            .env("LDAPCONF", "/dev/null");
        let output = command
            .output()
            .with_context(|| format!("{tool} does not run"))?;
        Ok(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self
    }

    /// The values of an attribute over all entries that `ldapsearch` printed, in their order.
    pub fn values(&self, attribute: &str) -> Vec<&str> {
        self.stdout
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case(attribute))
            .map(|(_, value)| value)
            .collect()
    }

    /// The DNs of the entries.
    pub fn dns(&self) -> Vec<&str> {
        self.values("dn")
    }
}
