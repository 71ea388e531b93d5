//! A client that sends whatever it is told, and reads with `ldap3_proto`.

use bytes::BytesMut;
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapDerefAliases, LdapExtendedRequest, LdapFilter, LdapMsg,
    LdapOp, LdapResult, LdapResultCode, LdapSearchRequest, LdapSearchScope,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::{Decoder, Encoder};

use crate::harness::{SUFFIX, Server};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection to the server.
pub(crate) struct Raw {
    stream: Box<dyn Stream>,
    came: BytesMut,
}

impl Raw {
    pub(crate) async fn connect(server: &Server) -> Self {
        Self::over(TcpStream::connect(server.address).await.unwrap())
    }

    /// A connection over this stream.
    pub(crate) fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            came: BytesMut::new(),
        }
    }

    /// One that is bound as the service account, with message ID 1.
    pub(crate) async fn bound(server: &Server) -> Self {
        let mut raw = Self::connect(server).await;
        let name = format!("uid=pbx,ou=services,{SUFFIX}");
        raw.send(1, bind(3, &name, &server.secret)).await;
        assert_eq!(raw.result(1).await.code, LdapResultCode::Success);
        raw
    }

    pub(crate) async fn send(&mut self, id: i32, op: LdapOp) {
        self.octets(&octets(id, op)).await;
    }

    /// Sends these requests in one piece.
    pub(crate) async fn send_all(&mut self, ops: impl IntoIterator<Item = (i32, LdapOp)>) {
        let all: Vec<u8> = ops
            .into_iter()
            .flat_map(|(id, op)| octets(id, op))
            .collect();
        self.octets(&all).await;
    }

    pub(crate) async fn octets(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    /// The next message; `None` when the server has closed the connection.
    pub(crate) async fn next(&mut self) -> Option<LdapMsg> {
        let mut codec = LdapCodec::new(Some(64 << 20), None);
        loop {
            if let Some(message) = codec.decode(&mut self.came).unwrap() {
                return Some(message);
            }
            match self.stream.read_buf(&mut self.came).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The result that the next message bears, which must have this message ID.
    pub(crate) async fn result(&mut self, id: i32) -> LdapResult {
        let message = self.next().await.expect("a response");
        assert_eq!(message.msgid, id, "{message:?}");
        result_of(message.op)
    }

    /// Reads to the end of a search; how many entries came, and the result.
    pub(crate) async fn entries(&mut self, id: i32) -> (usize, LdapResult) {
        let mut count = 0;
        loop {
            let message = self.next().await.expect("an entry or a result");
            assert_eq!(message.msgid, id, "{message:?}");
            match message.op {
                LdapOp::SearchResultEntry(_) => count += 1,
                op => return (count, result_of(op)),
            }
        }
    }

    /// What the server says last, which must be a notice of disconnection.
    pub(crate) async fn farewell(&mut self) -> LdapResultCode {
        let message = self.next().await.expect("a notice");
        assert_eq!(message.msgid, 0);
        let LdapOp::ExtendedResponse(notice) = message.op else {
            panic!("no notice")
        };
        assert_eq!(notice.name.as_deref(), Some("1.3.6.1.4.1.1466.20036"));
        assert!(self.next().await.is_none(), "the connection goes on");
        notice.res.code
    }
}

fn result_of(op: LdapOp) -> LdapResult {
    match op {
        LdapOp::BindResponse(bind) => bind.res,
        LdapOp::ExtendedResponse(extended) => extended.res,
        LdapOp::SearchResultDone(result)
        | LdapOp::CompareResult(result)
        | LdapOp::ModifyResponse(result)
        | LdapOp::AddResponse(result)
        | LdapOp::DelResponse(result)
        | LdapOp::ModifyDNResponse(result) => result,
        other => panic!("no result: {other:?}"),
    }
}

pub(crate) fn octets(id: i32, op: LdapOp) -> Vec<u8> {
    encoded(LdapMsg {
        msgid: id,
        op,
        ctrl: vec![],
    })
}

pub(crate) fn encoded(message: LdapMsg) -> Vec<u8> {
    let mut buf = BytesMut::new();
    LdapCodec::default().encode(message, &mut buf).unwrap();
    buf.to_vec()
}

pub(crate) fn bind(version: i64, dn: &str, password: &str) -> LdapOp {
    let cred = LdapBindCred::Simple(password.to_owned());
    LdapOp::BindRequest(LdapBindRequest {
        version,
        dn: dn.to_owned(),
        cred,
    })
}

/// Everything in a subtree, `mail` only.
pub(crate) fn search(base: &str) -> LdapOp {
    LdapOp::SearchRequest(LdapSearchRequest {
        base: base.to_owned(),
        scope: LdapSearchScope::Subtree,
        aliases: LdapDerefAliases::Always,
        sizelimit: 0,
        timelimit: 0,
        typesonly: false,
        filter: LdapFilter::Present("objectClass".to_owned()),
        attrs: vec!["mail".to_owned()],
    })
}

pub(crate) fn extended(name: &str) -> LdapOp {
    LdapOp::ExtendedRequest(LdapExtendedRequest {
        name: name.to_owned(),
        value: None,
    })
}
