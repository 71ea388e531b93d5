//! Security identifiers, as Active Directory gives them to accounts ([MS-DTYP] §2.4.2).

use jackfield_model::{Number, TenantId};

/// A security identifier in octets.
pub(crate) type Octets = [u8; 28];

/// What the identifiers of one tenant have in common: three numbers made of the tenant's id, so
/// that they are the same on every node and for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Domain([u32; 3]);

/// Revision 1, five numbers, authority 5; the first number is 21.
const HEAD: [u8; 12] = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0];

impl Domain {
    /// That of a tenant.
    pub(crate) fn of(tenant: TenantId) -> Self {
        let (high, low) = tenant.0.as_u64_pair();
        let part = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or_default();
        Self([part(high), part(low >> 32), part(low)])
    }

    /// The identifier of the record with this number, in octets.
    pub(crate) fn octets(self, number: Number) -> Octets {
        let [a, b, c] = self.0.map(u32::to_le_bytes);
        let mut octets = [0; 28];
        let parts = [&HEAD[..], &a, &b, &c, &number.0.to_le_bytes()];
        for (to, from) in octets.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        octets
    }

    /// The number of the record whose identifier this is, in octets or written out as
    /// `S-1-5-21-…`; `None` for one of another domain.
    pub(crate) fn number(self, asserted: &[u8]) -> Option<Number> {
        match asserted.first_chunk::<28>() {
            Some(octets) if asserted.len() == octets.len() => {
                let last = octets.last_chunk().copied().unwrap_or_default();
                let number = Number(u32::from_le_bytes(last));
                (self.octets(number) == *octets).then_some(number)
            }
            _ => self.written(str::from_utf8(asserted).ok()?),
        }
    }

    fn written(self, text: &str) -> Option<Number> {
        let prefix = text.get(..9)?;
        let mut parts = text.get(9..)?.split('-').map(str::parse::<u32>);
        let mut next = || parts.next()?.ok();
        let domain = Self([next()?, next()?, next()?]);
        let number = Number(next()?);
        let is_own = prefix.eq_ignore_ascii_case("S-1-5-21-") && domain == self;
        (is_own && next().is_none()).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_identifier_is_laid_out_as_active_directory_does_and_read_in_both_forms() {
        let id = Uuid::from_u128(0x0102_0304_0000_0001_0000_0002_0000_0003);
        let domain = Domain::of(TenantId(id));
        let octets = domain.octets(Number(10_000));
        assert_eq!(
            octets,
            [
                1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x10,
                0x27, 0, 0
            ]
        );
        assert_eq!(domain.number(&octets), Some(Number(10_000)));
        for (text, number) in [
            ("S-1-5-21-1-2-3-10000", Some(10_000)),
            ("s-1-5-21-1-2-3-7", Some(7)),
            ("S-1-5-21-1-2-4-7", None),
            ("S-1-5-21-1-2-3", None),
            ("S-1-5-21-1-2-3-7-8", None),
            ("S-1-5-32-544", None),
            ("", None),
        ] {
            assert_eq!(domain.number(text.as_bytes()), number.map(Number), "{text}");
        }
    }
}
