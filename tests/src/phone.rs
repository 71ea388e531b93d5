//! A SIP phone, as far as it registers over UDP (RFC 3261 §10 and §22).

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use md5::{Digest, Md5};

use crate::wait::LIMIT;

/// So long an answer is waited for: T1 of RFC 3261 §17.1.2.
const AGAIN: Duration = Duration::from_millis(500);

/// A phone of one account.
#[derive(Debug)]
pub struct Phone {
    socket: UdpSocket,
    registrar: SocketAddr,
    domain: String,
    user: String,
    password: String,
    requests: u32,
}

/// A final answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    text: String,
}

impl Phone {
    /// A phone with this account, at this registrar.
    pub fn new(registrar: SocketAddr, user: &str, domain: &str, password: &str) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(AGAIN))?;
        Ok(Self {
            socket,
            registrar,
            domain: domain.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            requests: 0,
        })
    }

    /// Asks once whether anybody is there, and waits a moment for the answer.
    pub fn is_answered(&mut self) -> bool {
        matches!(self.ask_once("OPTIONS", ""), Ok(Some(_)))
    }

    /// Registers: asks, is challenged, and proves that it has the password. The answer is that to
    /// the proof.
    pub fn register(&mut self) -> Result<Answer> {
        let challenged = self.ask("REGISTER", "")?;
        if challenged.status != 401 {
            bail!("it was not challenged: {}", challenged.text);
        }
        let challenge = challenged.header("WWW-Authenticate");
        let challenge = challenge.context("a challenge")?;
        let proof = self.proof(challenge)?;
        self.ask("REGISTER", &proof)
    }

    /// The digest (RFC 2617 §3.2.2, without `qop`).
    fn proof(&self, challenge: &str) -> Result<String> {
        let part = |name: &str| {
            let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value)
        };
        let (realm, nonce) = part("realm")
            .zip(part("nonce"))
            .context("realm and nonce")?;
        let (user, uri) = (&self.user, self.uri());
        let ha1 = ha1(user, realm, &self.password);
        let ha2 = md5(&format!("REGISTER:{uri}"));
        let response = md5(&format!("{ha1}:{nonce}:{ha2}"));
        Ok(format!(
            "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", \
             uri=\"{uri}\", response=\"{response}\", algorithm=MD5\r\n"
        ))
    }

    fn uri(&self) -> String {
        format!("sip:{}", self.domain)
    }

    fn ask(&mut self, method: &str, more: &str) -> Result<Answer> {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if let Some(answer) = self.ask_once(method, more)? {
                return Ok(answer);
            }
        }
        bail!("no answer to {method}")
    }

    /// Sends one request, a new one each time; nothing if no final answer comes soon.
    fn ask_once(&mut self, method: &str, more: &str) -> Result<Option<Answer>> {
        self.requests += 1;
        let (own, uri, number) = (self.socket.local_addr()?, self.uri(), self.requests);
        let Self { user, domain, .. } = self;
        let request = format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK-{number}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{user}@{domain}>;tag=phone\r\n\
             To: <sip:{user}@{domain}>\r\n\
             Call-ID: {own}\r\n\
             CSeq: {number} {method}\r\n\
             Contact: <sip:{user}@{own}>\r\n\
             Expires: 60\r\n\
             {more}Content-Length: 0\r\n\r\n"
        );
        self.socket.send_to(request.as_bytes(), self.registrar)?;
        let mut buffer = [0; 4096];
        // An error is a time-out, or that nobody listens.
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let status = text.split(' ').nth(1).unwrap_or_default().parse()?;
            let answer = Answer { status, text };
            let is_for_this = answer.header("CSeq") == Some(&format!("{number} {method}"));
            if is_for_this && status >= 200 {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.text.lines().filter_map(|line| line.split_once(':'));
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// H(A1) of RFC 2617 §3.2.2.2: what a registrar needs of a password.
pub fn ha1(user: &str, realm: &str, password: &str) -> String {
    md5(&format!("{user}:{realm}:{password}"))
}

fn md5(text: &str) -> String {
    let hash: [u8; 16] = Md5::digest(text.as_bytes()).into();
    format!("{:032x}", u128::from_be_bytes(hash))
}
