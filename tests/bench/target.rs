//! The two servers, each with the same people.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Access, Home, Server, metrics, scim, slapd};
use serde_json::{Value, json};

use crate::people::{EVERYBODY, People, TEAM, team};

/// How to reach a server, and which process it is.
#[derive(Clone, Debug)]
pub struct Target {
    pub name: &'static str,
    pub address: SocketAddr,
    pub process: u32,
    pub base: String,
    pub bind_dn: String,
    pub password: String,
}

/// Ties this process, with all its threads, and what it will start, to one processor; `None` frees
/// it again.
pub fn pin(cpu: Option<usize>) -> Result<()> {
    let last = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .max(2)
        - 1;
    let list = cpu.map_or_else(|| format!("0-{last}"), |cpu| cpu.to_string());
    let output = Command::new("taskset")
        .args(["-a", "-c", "-p", &list, &std::process::id().to_string()])
        .output()
        .context("taskset does not run")?;
    ensure!(
        output.status.success(),
        "taskset: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Has the first tenant begin without people, and nobody slowed down: what the server can do is to
/// be seen.
pub fn prepare(home: &Home) -> Result<()> {
    home.edit_config(|config| {
        let limits = [
            ("body_bytes", 64 << 20),
            ("requests_per_second", 0),
            ("tenant_requests_per_second", 0),
            ("wrong_passwords", 0),
        ];
        let limits: toml::Table = limits
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        config.insert("limits".to_owned(), limits.into());
    })?;
    metrics::listen(home)?;
    home.without_sample()
}

/// Jackfield on SQLite.
pub struct Jackfield {
    home: Home,
    access: Access,
}

/// What was measured while it was loaded and started.
pub struct Facts {
    pub creates_per_second: f64,
    pub empty_start: Duration,
    pub full_start: Duration,
    pub resident_bytes: u64,
}

impl Jackfield {
    /// Creates everybody over SCIM, and starts it again.
    pub fn load(people: People) -> Result<(Self, Facts)> {
        let home = Home::new()?;
        prepare(&home)?;
        // The first start makes the store; an empty one is started again for the measurement.
        let (home, _) = home.serve()?.stop()?;
        let start = Instant::now();
        let server = home.serve()?;
        let empty_start = start.elapsed();
        let access = server.bootstrap()?;
        let start = Instant::now();
        let runtime = tokio::runtime::Runtime::new()?;
        let ids = runtime.block_on(create(people, &access))?;
        let seconds = start.elapsed().as_secs_f64();
        runtime.block_on(group(&ids, &access))?;
        let (home, _) = server.stop()?;
        let start = Instant::now();
        let server = home.serve()?;
        let full_start = start.elapsed();
        let facts = Facts {
            creates_per_second: precise(people.count()) / seconds,
            empty_start,
            full_start,
            resident_bytes: resident_bytes(server.id())?,
        };
        let (home, _) = server.stop()?;
        Ok((Self { home, access }, facts))
    }

    /// Where its tree hangs.
    pub fn base(&self) -> &str {
        &self.access.ldap.base
    }

    /// What its provisioning client shows.
    pub fn token(&self) -> &str {
        &self.access.scim.token
    }

    pub fn serve(&self) -> Result<(Server, Target)> {
        self.serve_under(&[])
    }

    /// As the last argument of this command.
    pub fn serve_under(&self, wrapper: &[String]) -> Result<(Server, Target)> {
        let server = self.home.under(wrapper).serve()?;
        let target = Target {
            name: "Jackfield",
            address: server.listeners().ldap,
            process: server.id(),
            base: self.access.ldap.base.clone(),
            bind_dn: self.access.ldap.bind_dn.clone(),
            password: self.access.ldap.password.clone(),
        };
        Ok((server, target))
    }
}

/// Sixteen clients at once, as an identity provider's first synchronization. Gives the ids.
async fn create(people: People, access: &Access) -> Result<Vec<String>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (client, next) = (scim::Client::new(&access.scim), next.clone());
        clients.spawn(async move {
            let mut ids = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= people.count() {
                    return Ok(ids);
                }
                let answer = client.post("/Users", &people.person(number).scim()).await?;
                ids.push((number, made(&answer)?));
                if number % 10_000 == 0 {
                    eprintln!("  {number} created");
                }
            }
        });
    }
    let mut ids = vec![String::new(); people.count()];
    while let Some(ended) = clients.join_next().await {
        let own: Result<Vec<(usize, String)>> = ended?;
        own?.into_iter().for_each(|(number, id)| ids[number] = id);
    }
    Ok(ids)
}

/// Makes the teams, and the group with everybody in it.
async fn group(ids: &[String], access: &Access) -> Result<()> {
    let client = scim::Client::new(&access.scim);
    let of = |ids: &[String]| -> Vec<Value> { ids.iter().map(|id| json!({"value": id})).collect() };
    for (number, members) in ids.chunks(TEAM).enumerate() {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": team(number),
            "members": of(members),
        });
        made(&client.post("/Groups", &body).await?)?;
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": EVERYBODY,
    });
    let everybody = made(&client.post("/Groups", &body).await?)?;
    for members in ids.chunks(10_000) {
        let operations = json!([{"op": "add", "path": "members", "value": of(members)}]);
        let path = format!("/Groups/{everybody}?attributes=id");
        let answer = client.patch(&path, operations).await?;
        ensure!(
            answer.status < 300,
            "add: {} {}",
            answer.status,
            answer.body
        );
    }
    Ok(())
}

/// The id of what was made.
fn made(answer: &scim::Answer) -> Result<String> {
    ensure!(
        answer.status == 201,
        "create: {} {}",
        answer.status,
        answer.body
    );
    let id = answer.body["id"].as_str().context("no id")?;
    Ok(id.to_owned())
}

/// Debian's slapd with the same people.
pub struct Slapd {
    loaded: slapd::Slapd,
    base: String,
}

/// The attributes by which clients search, indexed alike.
const INDEXED: &str = "cn,sn,givenName,displayName,uid,mail,telephoneNumber,mobile,homePhone";

/// One without anybody, below this suffix.
pub fn empty_slapd(base: &str) -> Result<slapd::Slapd> {
    let mut global: String = ["core", "cosine", "inetorgperson"]
        .map(|name| format!("include /etc/ldap/schema/{name}.schema\n"))
        .concat();
    global.push_str("index_substr_any_len 3\n");
    global.push_str("modulepath /usr/lib/ldap\nmoduleload memberof\n");
    let own = format!(
        "index objectClass eq\nindex {INDEXED} eq,sub,pres\n\
         index memberOf eq\noverlay memberof\n\
         access to attrs=userPassword by anonymous auth by * none\n\
         access to * by users read by * none\n"
    );
    slapd::Slapd::empty(base, &global, &own)
}

impl Slapd {
    /// Adds everybody by `slapadd`, below the same suffix.
    pub fn load(people: People, base: &str) -> Result<Self> {
        let loaded = empty_slapd(base)?;
        loaded.take(&ldif(people, base)?)?;
        Ok(Self {
            loaded,
            base: base.to_owned(),
        })
    }

    /// As the last argument of this command, if there is one.
    pub fn serve(&self, wrapper: &[String]) -> Result<(slapd::Running, Target)> {
        let running = self.loaded.serve_under(wrapper)?;
        let target = Target {
            name: "slapd",
            address: running.address(),
            process: running.id(),
            base: self.base.clone(),
            bind_dn: format!("cn=bench,{}", self.base),
            password: slapd::PASSWORD.to_owned(),
        };
        Ok((running, target))
    }
}

/// What stands above people and groups, and the account that asks.
pub fn tree(base: &str) -> Result<String> {
    let hashed = Command::new("/usr/sbin/slappasswd")
        .args(["-s", slapd::PASSWORD])
        .output()?;
    let hashed = String::from_utf8(hashed.stdout)?;
    Ok(format!(
        "dn: {base}\nobjectClass: dcObject\nobjectClass: organization\no: Acme\n\n\
         dn: cn=bench,{base}\nobjectClass: organizationalRole\n\
         objectClass: simpleSecurityObject\ncn: bench\nuserPassword: {}\n\n\
         dn: ou=people,{base}\nobjectClass: organizationalUnit\nou: people\n\n\
         dn: ou=groups,{base}\nobjectClass: organizationalUnit\nou: groups\n\n",
        hashed.trim()
    ))
}

fn ldif(people: People, base: &str) -> Result<String> {
    let mut ldif = tree(base)?;
    ldif.extend((0..people.count()).map(|number| people.person(number).ldif(base)));
    let teams = (0..people.teams()).map(|at| (team(at), at * TEAM..(at + 1) * TEAM));
    for (name, members) in teams.chain([(EVERYBODY.to_owned(), 0..people.count())]) {
        let _ = write!(
            ldif,
            "dn: cn={name},ou=groups,{base}\nobjectClass: groupOfNames\ncn: {name}\n"
        );
        for member in members {
            let uid = people.person(member).uid;
            let _ = writeln!(ldif, "member: uid={uid},ou=people,{base}");
        }
        ldif.push('\n');
    }
    Ok(ldif)
}

/// Processor time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub user: Duration,
    pub kernel: Duration,
}

impl Cpu {
    pub fn all(self) -> Duration {
        self.user + self.kernel
    }

    /// What was used since then.
    pub fn since(self, then: Self) -> Self {
        Self {
            user: self.user.saturating_sub(then.user),
            kernel: self.kernel.saturating_sub(then.kernel),
        }
    }
}

impl AddAssign for Cpu {
    fn add_assign(&mut self, other: Self) {
        self.user += other.user;
        self.kernel += other.kernel;
    }
}

/// How much processor time a process has used, with all its threads.
pub fn cpu_time(process: u32) -> Result<Cpu> {
    ticks(&process.to_string(), 11)
}

/// How much those have used that this process started and that have ended.
pub fn children_cpu() -> Result<Duration> {
    Ok(ticks("self", 13)?.all())
}

/// The pair of times that begins here in the kernel's account of a process.
fn ticks(process: &str, at: usize) -> Result<Cpu> {
    let stat = fs::read_to_string(Path::new("/proc").join(process).join("stat"))?;
    // The name in parentheses may hold anything; after it come the state and numbers (proc(5)).
    let (_, numbers) = stat
        .rsplit_once(')')
        .context("/proc/PID/stat has an unknown form")?;
    let time = |index: usize| -> Result<Duration> {
        let number = numbers.split_whitespace().nth(index);
        let ticks: u64 = number.context("too few numbers")?.parse()?;
        // Of 10 ms, on every Linux that Debian builds.
        Ok(Duration::from_millis(10 * ticks))
    };
    Ok(Cpu {
        user: time(at)?,
        kernel: time(at + 1)?,
    })
}

/// How much memory a process has now.
pub fn resident_bytes(process: u32) -> Result<u64> {
    memory(process, "VmRSS:")
}

/// The most memory that a process had since this was last forgotten.
pub fn resident_peak(process: u32, forget: bool) -> Result<u64> {
    if forget {
        // proc(5): 5 makes the peak what it is now.
        let file = Path::new("/proc")
            .join(process.to_string())
            .join("clear_refs");
        fs::write(file, "5")?;
    }
    memory(process, "VmHWM:")
}

fn memory(process: u32, what: &str) -> Result<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(what))
        .with_context(|| format!("no {what}"))?;
    Ok(1024 * line.trim().trim_end_matches(" kB").parse::<u64>()?)
}

#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub fn precise(count: usize) -> f64 {
    count as f64
}
