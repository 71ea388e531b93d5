//! Whom a proxy speaks for: the PROXY protocol, versions 1 and 2.

use std::net::{IpAddr, SocketAddr};

use ppp::{HeaderResult, v1, v2};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::Error;

/// The longest header of version 1, its line end included.
const LINE: usize = 107;

/// How that begins.
const LINE_START: &[u8] = b"PROXY ";

/// More than this a proxy has no reason to say of a TCP connection.
const LONGEST: usize = 4_096;

/// Reads the header that a connection begins with, and not a byte more. `None` if the proxy speaks
/// for itself.
///
/// # Errors
/// [`Error::Proxy`] if there is none, or none that makes sense: what follows cannot be trusted.
pub(crate) async fn client(stream: &mut TcpStream) -> Result<Option<SocketAddr>, Error> {
    let ended = |_| Error::Proxy("the connection ended before it");
    // Both versions are longer than this, and differ within it.
    let mut header = vec![0; v2::PROTOCOL_PREFIX.len()];
    let mut came = 0;
    while let Some(rest) = header.get_mut(came..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest).await {
            Ok(0) | Err(_) => return Err(Error::Proxy("the connection ended before it")),
            Ok(octets) => came += octets,
        }
        // Nothing that begins otherwise is waited for.
        if !begins_one(header.get(..came).unwrap_or_default()) {
            return Err(Error::Proxy("there is none"));
        }
    }
    if header == v2::PROTOCOL_PREFIX {
        // Command, family, and how long the rest is.
        let mut fixed = [0; 4];
        stream.read_exact(&mut fixed).await.map_err(ended)?;
        let [_, _, high, low] = fixed;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > LONGEST {
            return Err(Error::Proxy("it is too long"));
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.map_err(ended)?;
        header.extend(fixed);
        header.extend(body);
    } else {
        while !header.ends_with(b"\r\n") {
            if header.len() == LINE {
                return Err(Error::Proxy("it is too long"));
            }
            header.push(stream.read_u8().await.map_err(ended)?);
        }
    }
    named(&header)
}

/// Whether a header of either version can begin so.
fn begins_one(octets: &[u8]) -> bool {
    let is_like = |start: &[u8]| start.iter().zip(octets).all(|(due, came)| due == came);
    is_like(v2::PROTOCOL_PREFIX) || is_like(LINE_START)
}

/// The client that a whole header names.
fn named(header: &[u8]) -> Result<Option<SocketAddr>, Error> {
    let wrong = Error::Proxy("it makes no sense");
    let address = match HeaderResult::parse(header) {
        HeaderResult::V1(Ok(header)) => match header.addresses {
            v1::Addresses::Tcp4(ends) => Some((ends.source_address.into(), ends.source_port)),
            v1::Addresses::Tcp6(ends) => Some((ends.source_address.into(), ends.source_port)),
            v1::Addresses::Unknown => None,
        },
        HeaderResult::V2(Ok(header)) => match (header.command, header.addresses) {
            (v2::Command::Proxy, v2::Addresses::IPv4(ends)) => {
                Some((IpAddr::V4(ends.source_address), ends.source_port))
            }
            (v2::Command::Proxy, v2::Addresses::IPv6(ends)) => {
                Some((IpAddr::V6(ends.source_address), ends.source_port))
            }
            (v2::Command::Proxy, v2::Addresses::Unix(_)) => return Err(wrong),
            (v2::Command::Proxy, v2::Addresses::Unspecified) | (v2::Command::Local, _) => None,
        },
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => return Err(wrong),
    };
    Ok(address.map(|(ip, port): (IpAddr, u16)| SocketAddr::new(ip.to_canonical(), port)))
}

#[cfg(test)]
mod tests;
