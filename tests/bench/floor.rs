//! What a new connection costs the system itself: a server that accepts, answers twice and closes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use jackfield_tests::ber::{self, tag};

use crate::target::Target;

/// The server, which ends with this.
pub struct Floor {
    pub target: Target,
    process: Child,
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts it in a process of its own. It is asked as `like` is.
pub fn start(like: &Target) -> Result<Floor> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--floor")
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("no output")?;
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    let target = Target {
        name: "the system",
        address: address.trim().parse()?,
        process: child.id(),
        ..like.clone()
    };
    Ok(Floor {
        target,
        process: child,
    })
}

/// Serves one connection after the other, for ever: says where, then answers every one alike.
pub fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let success = [0x0a, 1, 0, 4, 0, 4, 0];
    let bound = ber::message(1, &ber::tlv(tag::BIND_RESPONSE, &success));
    // As long as a person's entry.
    let entry = [ber::tlv(0x04, &[b'x'; 40]), ber::tlv(0x30, &[0; 320])].concat();
    let found = [
        ber::message(2, &ber::tlv(tag::ENTRY, &entry)),
        ber::message(2, &ber::tlv(tag::DONE, &success)),
    ]
    .concat();
    for stream in listener.incoming() {
        // A client that went away is no matter.
        let _ = answer(stream?, [&bound, &found]);
    }
    Ok(())
}

fn answer(mut stream: TcpStream, answers: [&[u8]; 2]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    for answer in answers {
        if stream.read(&mut request)? == 0 {
            break;
        }
        stream.write_all(answer)?;
    }
    Ok(())
}
