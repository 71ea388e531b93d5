//! The operations of RFC 4511 §4.2 to §4.12 and the tags that stand for them.

/// An operation a client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RequestOp {
    /// `[APPLICATION 0] SEQUENCE`, RFC 4511 §4.2
    Bind = 0x60,
    /// `[APPLICATION 2] NULL`, RFC 4511 §4.3
    Unbind = 0x42,
    /// `[APPLICATION 3] SEQUENCE`, RFC 4511 §4.5
    Search = 0x63,
    /// `[APPLICATION 6] SEQUENCE`, RFC 4511 §4.6
    Modify = 0x66,
    /// `[APPLICATION 8] SEQUENCE`, RFC 4511 §4.7
    Add = 0x68,
    /// `[APPLICATION 10] LDAPDN`, RFC 4511 §4.8
    Delete = 0x4A,
    /// `[APPLICATION 12] SEQUENCE`, RFC 4511 §4.9
    ModifyDn = 0x6C,
    /// `[APPLICATION 14] SEQUENCE`, RFC 4511 §4.10
    Compare = 0x6E,
    /// `[APPLICATION 16] MessageID`, RFC 4511 §4.11
    Abandon = 0x50,
    /// `[APPLICATION 23] SEQUENCE`, RFC 4511 §4.12
    Extended = 0x77,
}

impl RequestOp {
    /// The operation a tag stands for, if it is one of a request.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Some(match tag {
            0x60 => Self::Bind,
            0x42 => Self::Unbind,
            0x63 => Self::Search,
            0x66 => Self::Modify,
            0x68 => Self::Add,
            0x4A => Self::Delete,
            0x6C => Self::ModifyDn,
            0x6E => Self::Compare,
            0x50 => Self::Abandon,
            0x77 => Self::Extended,
            _ => return None,
        })
    }

    /// The tag of the protocolOp, which is also its first octet.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The response that ends the operation; Unbind and Abandon have none.
    pub fn response(self) -> Option<ResponseOp> {
        Some(match self {
            Self::Bind => ResponseOp::Bind,
            Self::Search => ResponseOp::SearchDone,
            Self::Modify => ResponseOp::Modify,
            Self::Add => ResponseOp::Add,
            Self::Delete => ResponseOp::Delete,
            Self::ModifyDn => ResponseOp::ModifyDn,
            Self::Compare => ResponseOp::Compare,
            Self::Extended => ResponseOp::Extended,
            Self::Unbind | Self::Abandon => return None,
        })
    }
}

/// A response that carries an LDAPResult, by its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ResponseOp {
    /// `[APPLICATION 1]`
    Bind = 0x61,
    /// `[APPLICATION 5]`
    SearchDone = 0x65,
    /// `[APPLICATION 7]`
    Modify = 0x67,
    /// `[APPLICATION 9]`
    Add = 0x69,
    /// `[APPLICATION 11]`
    Delete = 0x6B,
    /// `[APPLICATION 13]`
    ModifyDn = 0x6D,
    /// `[APPLICATION 15]`
    Compare = 0x6F,
    /// `[APPLICATION 24]`
    Extended = 0x78,
}

impl ResponseOp {
    /// The tag of the protocolOp, which is also its first octet.
    pub fn tag(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::RequestOp;

    #[test]
    fn a_tag_and_its_operation_are_one() {
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|tag| RequestOp::from_tag(*tag).is_some())
            .collect();
        assert_eq!(
            known,
            [0x42, 0x4A, 0x50, 0x60, 0x63, 0x66, 0x68, 0x6C, 0x6E, 0x77]
        );
        for tag in known {
            assert_eq!(RequestOp::from_tag(tag).map(RequestOp::tag), Some(tag));
        }
    }
}
