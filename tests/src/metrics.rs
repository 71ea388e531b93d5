//! What a server counts, read from its own listener.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use toml::Table;

use crate::home::Home;

/// What was read. Each number has the name under which it was written, with its labels.
#[derive(Clone, Debug)]
pub struct Metrics(BTreeMap<String, f64>);

/// Has the server of this home listen for whoever reads its metrics.
pub fn listen(home: &Home) -> Result<()> {
    home.edit_config(|config| {
        let address = Table::from_iter([("address".to_owned(), "127.0.0.1:0".into())]);
        let listeners = config.entry("listeners").or_insert(Table::new().into());
        if let Some(listeners) = listeners.as_table_mut() {
            listeners.insert("metrics".to_owned(), address.into());
        }
    })
}

/// The answer to a request for `/metrics`, whose first line must say 200: its head and its body.
pub fn text(at: SocketAddr, accept: &str) -> Result<(String, String)> {
    let mut stream = TcpStream::connect(at)?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: {at}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no head")?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "{head}");
    Ok((head.to_owned(), body.to_owned()))
}

impl Metrics {
    /// Reads them.
    pub fn read(at: SocketAddr) -> Result<Self> {
        let (_, body) = text(at, "text/plain")?;
        let lines = body.lines().filter(|line| !line.starts_with('#'));
        let number = |line: &str| -> Result<(String, f64)> {
            let (name, value) = line.rsplit_once(' ').context("no number")?;
            Ok((name.to_owned(), value.parse()?))
        };
        lines.map(number).collect::<Result<_>>().map(Self)
    }

    /// The number of this name; 0 if there is none, since what never happened may be left out.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// By how much the number of this name is higher here than there.
    pub fn since(&self, before: &Self, name: &str) -> f64 {
        self.get(name) - before.get(name)
    }
}
