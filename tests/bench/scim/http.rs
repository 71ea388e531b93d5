//! A SCIM client that costs little: HTTP/1.1 on one connection, one request at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail, ensure};
use jackfield_tests::home::ScimAccess;
use serde_json::Value;

pub struct Http {
    stream: BufReader<TcpStream>,
    host: String,
    base: String,
    token: String,
}

impl Http {
    pub fn open(access: &ScimAccess) -> Result<Self> {
        let rest = access
            .url
            .strip_prefix("http://")
            .context("no plain HTTP")?;
        let (host, base) = rest.split_once('/').context("a URL without a path")?;
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host: host.to_owned(),
            base: format!("/{base}"),
            token: access.token.clone(),
        })
    }

    /// Sends a request, and gives its answer, which must have this status.
    pub fn ask(&mut self, method: &str, path: &str, body: &str, status: u16) -> Result<Value> {
        let mut all = Vec::new();
        self.read(method, path, body, status, &mut |piece| {
            all.extend_from_slice(piece);
        })?;
        match all.as_slice() {
            [] => Ok(Value::Null),
            text => Ok(serde_json::from_slice(text)?),
        }
    }

    /// The same, without keeping the answer's body: gives its length.
    pub fn skim(&mut self, method: &str, path: &str, body: &str, status: u16) -> Result<usize> {
        let mut length = 0;
        self.read(method, path, body, status, &mut |piece| {
            length += piece.len();
        })?;
        Ok(length)
    }

    fn read(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
        status: u16,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<()> {
        let Self {
            host, base, token, ..
        } = self;
        let mut request = format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        request.push_str(body);
        self.stream.get_mut().write_all(request.as_bytes())?;
        let first = self.line()?;
        let found = first.split(' ').nth(1).context("no status")?;
        let is_right = found == status.to_string();
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("transfer-encoding", value)) => is_chunked = value.trim() == "chunked",
                Some(_) => {}
            }
        }
        let mut refusal = Vec::new();
        let mut each = |piece: &[u8]| {
            if is_right {
                take(piece);
            } else {
                refusal.extend_from_slice(piece);
            }
        };
        if is_chunked {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16)?;
                self.piece(size, &mut each)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.piece(length, &mut each)?;
        }
        if !is_right {
            bail!(
                "{method} {path}: {found} {}",
                String::from_utf8_lossy(&refusal)
            );
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line)?;
        ensure!(read > 0, "the server hung up");
        Ok(line.trim_end().to_owned())
    }

    fn piece(&mut self, length: usize, each: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut left = length;
        let mut buffer = [0; 1 << 14];
        while left > 0 {
            let room = left.min(buffer.len());
            let read = self.stream.read(&mut buffer[..room])?;
            ensure!(read > 0, "the server hung up");
            each(&buffer[..read]);
            left -= read;
        }
        Ok(())
    }
}
