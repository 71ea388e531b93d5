//! What the system itself costs: a server that accepts, answers twice and closes; and one on tokio
//! that does nothing on a connection that is kept but to read a message and write an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use jackfield_tests::ber::{self, tag};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::load;
use crate::people::People;
use crate::target::Target;

/// The server, which ends with this.
pub struct Floor {
    /// Closes each connection after two answers.
    pub closing: Target,
    /// Keeps connections.
    pub keeping: Target,
    process: Child,
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts it in a process of its own. It is asked as `like` is, and what it answers is as long.
pub fn start(like: &Target, people: People) -> Result<Floor> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--floor")
        .arg(load::entry_length(like, people)?.to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut target = |name| -> Result<Target> {
        Ok(Target {
            name,
            address: output.next().context("no address")??.parse()?,
            process: child.id(),
            ..like.clone()
        })
    };
    Ok(Floor {
        closing: target("the system")?,
        keeping: target("a minimal server")?,
        process: child,
    })
}

/// The answers to a bind and to a search.
struct Answers {
    bound: Vec<u8>,
    found: Vec<u8>,
}

/// Serves for ever: says where, then answers every one alike, with entries of so many octets.
pub fn serve(entry: usize) -> Result<()> {
    let success = [0x0a, 1, 0, 4, 0, 4, 0];
    let found = [
        ber::message(2, &ber::tlv(tag::ENTRY, &vec![0; entry])),
        ber::message(2, &ber::tlv(tag::DONE, &success)),
    ];
    let answers = Arc::new(Answers {
        bound: ber::message(1, &ber::tlv(tag::BIND_RESPONSE, &success)),
        found: found.concat(),
    });
    let closing = listen()?;
    let kept = Arc::clone(&answers);
    thread::spawn(move || {
        for stream in closing.incoming().flatten() {
            // A client that went away is no matter.
            let _ = answer_twice(stream, &answers);
        }
    });
    tokio::runtime::Runtime::new()?.block_on(keep(listen()?, kept))
}

fn listen() -> Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

fn answer_twice(mut stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    for answer in [&answers.bound, &answers.found] {
        if stream.read(&mut request)? == 0 {
            break;
        }
        stream.write_all(answer)?;
    }
    Ok(())
}

async fn keep(listener: TcpListener, answers: Arc<Answers>) -> Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            let mut request = [0; 4096];
            // One message comes at a time, and whole.
            while let Ok(length @ 1..) = stream.read(&mut request).await {
                let answer = match operation(&request[..length]) {
                    Some(tag::SEARCH) => &answers.found,
                    _ => &answers.bound,
                };
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// The tag of a message's operation, which stands behind its id.
fn operation(message: &[u8]) -> Option<u8> {
    let (start, _) = ber::element(message, 0)?;
    let (_, behind_id) = ber::element(message, start)?;
    message.get(behind_id).copied()
}
