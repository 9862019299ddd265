//! Splits Rust source text into comments, string literals and code without parsing it, so that text
//! inside of macros counts as well.

use std::collections::BTreeSet;

/// A piece of text that stands on one line. Longer comments and literals make one piece per line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) line: usize,
    pub(crate) text: String,
}

#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) comments: Vec<Piece>,
    pub(crate) literals: Vec<Piece>,
    /// Lines that hold more than blanks and comments.
    pub(crate) code: BTreeSet<usize>,
}

/// Scans a whole file.
pub(crate) fn scan(source: &str) -> Scan {
    let chars: Vec<char> = source.chars().collect();
    let mut scan = Scan::default();
    let (mut at, mut line) = (0, 1);
    while let Some(&char) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match (char, next) {
            ('/', Some('/')) => line_comment_end(&chars, at),
            ('/', Some('*')) => block_comment_end(&chars, at),
            ('"', _) => string_end(&chars, at + 1),
            ('r', Some('"' | '#')) if !continues_word(&chars, at) => raw_string_end(&chars, at + 1),
            ('\'', _) => quote_end(&chars, at),
            _ => at + 1,
        };
        let text: String = chars.iter().take(end).skip(at).collect();
        let is_comment = char == '/' && end > at + 1;
        let is_literal = text.len() > 1 && (char == '"' || char == 'r');
        for (offset, part) in text.split('\n').enumerate() {
            let piece = || Piece { line: line + offset, text: part.to_owned() };
            if is_comment {
                scan.comments.push(piece());
            } else if !part.trim().is_empty() {
                scan.code.insert(line + offset);
                if is_literal {
                    scan.literals.push(piece());
                }
            }
        }
        line += text.matches('\n').count();
        at = end;
    }
    scan
}

/// Returns whether an `r` ends a name instead of opening a raw string; the prefixes `br` and `cr`
/// are not names.
fn continues_word(chars: &[char], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| chars.get(at).copied());
    let in_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    match before(1) {
        Some('b' | 'c') => in_word(before(2)),
        char => in_word(char),
    }
}

fn line_comment_end(chars: &[char], at: usize) -> usize {
    chars.iter().skip(at).position(|char| *char == '\n').map_or(chars.len(), |length| at + length)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut at, mut depth) = (at, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (at, depth) = (at + 2, depth + 1),
            ('*', Some('/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while let Some(char) = chars.get(at) {
        match char {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Finds the end of what follows an `r`: a raw string, or one character of a raw identifier.
fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars.iter().skip(at).take_while(|char| **char == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return at;
    }
    let closes = |start: usize| {
        chars.get(start) == Some(&'"') && (1..=hashes).all(|hash| chars.get(start + hash) == Some(&'#'))
    };
    (at + hashes + 1..chars.len())
        .find(|start| closes(*start))
        .map_or(chars.len(), |start| start + hashes + 1)
}

/// Finds the end of a character literal, or of the quote alone where it begins a lifetime.
fn quote_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => chars
            .iter()
            .skip(at + 3)
            .position(|char| *char == '\'')
            .map_or(chars.len(), |length| at + length + 4),
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, scan};

    fn pieces(pieces: &[Piece]) -> Vec<(usize, &str)> {
        pieces.iter().map(|piece| (piece.line, piece.text.as_str())).collect()
    }

    #[test]
    fn comments_and_literals_are_separated_from_code() {
        let source = "//! a\nlet x = \"b // c\"; // d\n/* e\n/* f */ g */ let y = br#\"h\" // \"#;\n\n'\"'; '\\''; 'a: loop {}\n";
        let found = scan(source);
        assert_eq!(pieces(&found.comments), [(1, "//! a"), (2, "// d"), (3, "/* e"), (4, "/* f */ g */")]);
        assert_eq!(pieces(&found.literals), [(2, "\"b // c\""), (4, "r#\"h\" // \"#")]);
        assert_eq!(found.code.into_iter().collect::<Vec<_>>(), [2, 4, 6]);
    }

    #[test]
    fn a_literal_over_several_lines_makes_a_piece_for_each() {
        let found = scan("f(\"a \\\n  b\", r#type)");
        assert_eq!(pieces(&found.literals), [(1, "\"a \\"), (2, "  b\"")]);
    }
}
