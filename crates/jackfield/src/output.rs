//! Standard output. Whoever reads it may stop at any moment, as `head` does; the program then ends
//! without a word.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Writes a line to standard output, as `println!` does; says if it could not.
macro_rules! say {
    ($($line:tt)*) => {
        $crate::output::line(format_args!($($line)*))
    };
}

/// Standard output, to which everything goes that a command prints.
pub(crate) struct Stdout;

/// Nobody reads standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads standard output any more")]
struct Unread;

impl Write for Stdout {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        io::stdout().write(octets).map_err(unread)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush().map_err(unread)
    }
}

pub(crate) fn line(text: fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(Stdout, "{text}")
}

/// Writes text to standard output as it is.
pub(crate) fn text(text: &str) -> io::Result<()> {
    Stdout.write_all(text.as_bytes())
}

/// Whether this is all that went wrong: that nobody reads any more.
pub(crate) fn is_unread(error: &anyhow::Error) -> bool {
    let inner = |it: &(dyn std::error::Error + 'static)| {
        let it = it.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        it.and_then(|it| it.downcast_ref::<Unread>()).is_some()
    };
    error.chain().any(inner)
}

/// Told apart from the broken pipe of a connection, which is a failure.
fn unread(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::BrokenPipe => io::Error::other(Unread),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_standard_output_ends_without_a_word() {
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        let table: [(anyhow::Error, bool); 3] = [
            (unread(broken()).into(), true),
            (broken().into(), false),
            (unread(ErrorKind::StorageFull.into()).into(), false),
        ];
        for (error, expected) in table {
            assert_eq!(is_unread(&error), expected, "{error:?}");
        }
    }
}
