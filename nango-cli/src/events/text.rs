//! Texts of others on the terminal.

use nango_core::Timestamp;

/// Escapes what is not printed as it is: control characters, which a terminal would obey, and those that turn the
/// order of a line. A line break is one of them.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => escaped.push(c),
            // Within a text, std lets accents stand that would be escaped alone.
            c => escaped.extend(format!("x{c}").escape_debug().skip(1)),
        }
    }
    escaped
}

/// Escapes each line of a text.
pub(crate) fn escape_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| line.split('\t').map(escape).collect::<Vec<_>>().join("\t"))
}

/// Returns a time to the second.
pub(crate) fn seconds(at: Timestamp) -> String {
    let second = jiff::Timestamp::from_second(at.as_micros().div_euclid(1_000_000));
    second.map_or_else(|_| at.to_string(), |second| second.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_nothing_to_obey() {
        for (text, escaped) in [
            ("no \"ticket\" in C:\\x, it's gone", "no \"ticket\" in C:\\x, it's gone"),
            ("one\r\ntwo\t\0", "one\\r\\ntwo\\t\\0"),
            ("\u{1b}[2J\u{9b}2J\u{7f}", "\\u{1b}[2J\\u{9b}2J\\u{7f}"),
            ("\u{202e}\u{2066}\u{2028}\u{feff}", "\\u{202e}\\u{2066}\\u{2028}\\u{feff}"),
            ("ø e\u{301} 漢字 🦀 हिन्दी", "ø e\u{301} 漢字 🦀 हिन्दी"),
        ] {
            assert_eq!(escape(text), escaped);
        }
        let lines: Vec<_> = escape_lines("a\tb\u{1b}\n\nc").collect();
        assert_eq!(lines, ["a\tb\\u{1b}", "", "c"]);
    }

    #[test]
    fn a_time_is_cut_to_the_second() {
        let at = |text: &str| seconds(text.parse().unwrap());
        assert_eq!(at("2025-03-01T10:20:30.999999Z"), "2025-03-01T10:20:30Z");
        assert_eq!(at("1969-12-31T23:59:59.5Z"), "1969-12-31T23:59:59Z");
    }
}
