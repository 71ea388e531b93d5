//! Rust sources, taken apart as far as the checks need it.

use std::collections::BTreeSet;

use crate::workspace::File;

/// A source file in two views of the same length and with the same lines.
pub struct Source {
    pub path: String,
    /// Without comments, contents of string literals, and what only tests build.
    pub code: String,
    /// Only the contents of string literals.
    pub literals: String,
}

/// The sources that end up in the product: integration tests, benches, test modules and what stands
/// behind `#[cfg(test)]` are left out.
pub fn product(files: &[File]) -> Vec<Source> {
    let parsed: Vec<Source> = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.contains("/src/"))
        .map(|file| {
            let (code, literals) = split(&file.text);
            Source {
                path: file.path.clone(),
                code,
                literals,
            }
        })
        .collect();
    let test_modules: BTreeSet<String> = parsed.iter().flat_map(test_modules).collect();
    parsed
        .into_iter()
        .filter(|source| {
            !test_modules.iter().any(|module| {
                source.path == format!("{module}.rs")
                    || source.path.starts_with(&format!("{module}/"))
            })
        })
        .map(without_tests)
        .collect()
}

/// Code and literals, each with all the rest blanked.
fn split(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut literals = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (length, kind) = piece(&chars, at);
        for &c in &chars[at..at + length] {
            keep(&mut code, c, matches!(kind, Piece::Code));
            keep(&mut literals, c, matches!(kind, Piece::Literal));
        }
        at += length;
    }
    (code, literals)
}

/// Both views stay equally long in bytes.
fn keep(view: &mut String, c: char, kept: bool) {
    if kept || c == '\n' {
        view.push(c);
    } else {
        view.extend(std::iter::repeat_n(' ', c.len_utf8()));
    }
}

enum Piece {
    Code,
    Comment,
    Literal,
}

/// The length and kind of what starts at `at`.
fn piece(chars: &[char], at: usize) -> (usize, Piece) {
    let after = |skip: usize| chars.get(at + skip).copied();
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '/' if after(1) == Some('/') => (
            chars[at..].iter().take_while(|c| **c != '\n').count(),
            Piece::Comment,
        ),
        '/' if after(1) == Some('*') => (block_comment(&chars[at..]), Piece::Comment),
        '"' => (quoted(&chars[at..]), Piece::Literal),
        'r' if !in_word || chars[at - 1] == 'b' => match raw(&chars[at..]) {
            Some(length) => (length, Piece::Literal),
            None => (1, Piece::Code),
        },
        // A character, not a lifetime.
        '\'' if after(1) == Some('\\') => {
            let end = chars[at + 3..].iter().take_while(|c| **c != '\'').count();
            (end + 4, Piece::Literal)
        }
        '\'' if after(2) == Some('\'') => (3, Piece::Literal),
        _ => (1, Piece::Code),
    }
}

fn block_comment(chars: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(chars: &[char]) -> usize {
    let mut at = 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw(chars: &[char]) -> Option<usize> {
    let hashes = chars[1..].iter().take_while(|c| **c == '#').count();
    if chars.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    let body = &chars[2 + hashes..];
    let end = body
        .windows(close.len())
        .position(|window| window == close)?;
    Some(2 + hashes + end + close.len())
}

const TEST_MARK: &str = "#[cfg(test)]";

/// Paths, without ending, of the modules that stand in files of their own behind `#[cfg(test)]`.
fn test_modules(source: &Source) -> Vec<String> {
    let stem = source.path.trim_end_matches(".rs");
    let folder = match stem.rsplit_once('/') {
        Some((folder, "lib" | "main")) => folder,
        _ => stem,
    };
    source
        .code
        .match_indices(TEST_MARK)
        .filter_map(|(at, mark)| {
            let item = source.code[at + mark.len()..].split(['{', ';']).next()?;
            let whole = source.code[at + mark.len() + item.len()..].starts_with(';');
            let name = item
                .split_whitespace()
                .skip_while(|word| *word != "mod")
                .nth(1)?;
            whole.then(|| format!("{folder}/{name}"))
        })
        .collect()
}

/// Blanks every item behind `#[cfg(test)]`.
fn without_tests(mut source: Source) -> Source {
    while let Some(start) = source.code.find(TEST_MARK) {
        let end = start + item_length(&source.code[start..]);
        for view in [&mut source.code, &mut source.literals] {
            *view = blank(view, start, end);
        }
    }
    source
}

fn item_length(code: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in code
        .char_indices()
        .skip_while(|(at, _)| *at < TEST_MARK.len())
    {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return at + c.len_utf8();
        }
    }
    code.len()
}

fn blank(text: &str, start: usize, end: usize) -> String {
    let mut kept = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        keep(&mut kept, c, !(start..end).contains(&at));
    }
    kept
}

#[test]
fn comments_and_literals_are_told_from_code() {
    let text = "let a = \"x // \\\" y\"; // z\n/* /* b */ c */ let d = r#\"e\"f\"#; let g = '\"'; h::<'i>(b\"j\")";
    let (code, literals) = split(text);
    assert_eq!(
        code.split_whitespace().collect::<String>(),
        "leta=;letd=;letg=;h::<'i>(b)"
    );
    for inside in ["x //", "e\"f", "j"] {
        assert!(literals.contains(inside), "{inside} in {literals}");
    }
    assert!(
        !literals.contains('z') && !literals.contains('c'),
        "{literals}"
    );
    assert_eq!(text.lines().count(), code.lines().count());
}

#[test]
fn what_only_tests_build_is_left_out() {
    let files = [
        File::new(
            "crates/a/src/lib.rs",
            "mod b;\n#[cfg(test)]\nmod harness;\nfn keep() {}",
        ),
        File::new("crates/a/src/harness.rs", "fn dropped() {}"),
        File::new(
            "crates/a/src/b.rs",
            "fn kept() {}\n#[cfg(test)]\nmod tests { fn dropped() { if x {} } }\nfn after() {}\n#[cfg(test)]\nmod more;",
        ),
        File::new("crates/a/src/b/more.rs", "fn dropped() {}"),
        File::new("crates/a/tests/c.rs", "fn dropped() {}"),
    ];
    let sources = product(&files);
    let paths: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    assert_eq!(paths, ["crates/a/src/lib.rs", "crates/a/src/b.rs"]);
    assert!(
        sources
            .iter()
            .all(|source| !source.code.contains("dropped"))
    );
    assert!(sources[1].code.contains("kept") && sources[1].code.contains("after"));
}
