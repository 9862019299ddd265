//! Dead letters as a table.

use std::io::{self, Write};

use anstyle::Style;
use console::{Term, measure_text_width, truncate_str};
use nango_core::DeadLetter;

use super::letter::{Summary, UNREADABLE};
use super::text::{escape, seconds};

/// The columns before the reason, and whether they are numbers.
const COLUMNS: [(&str, bool); 6] = [
    ("key", false),
    ("since", false),
    ("kind", false),
    ("integration", false),
    ("failures", true),
    ("deaths", true),
];

/// What is left of a reason where the terminal is narrow.
const SHORTEST_REASON: usize = 24;

/// Prints a page of dead letters, whose columns are in line with each other. The reasons are cut to the terminal.
pub(crate) fn write(
    out: &mut impl Write,
    page: &[DeadLetter],
    with_head: bool,
    terminal: Option<usize>,
) -> io::Result<()> {
    let rows: Vec<_> = page.iter().map(cells).collect();
    let widths = widths(&rows);
    if with_head {
        let head = line(&COLUMNS.map(|(name, _)| name.to_owned()), &widths);
        let bold = Style::new().bold();
        writeln!(out, "{bold}{head}reason{bold:#}")?;
    }
    for (row, letter) in rows.iter().zip(page) {
        let start = line(row, &widths);
        let reason = escape(&letter.reason);
        let reason = match terminal {
            Some(width) => {
                let room = width.saturating_sub(measure_text_width(&start)).max(SHORTEST_REASON);
                truncate_str(&reason, room, "…")
            }
            None => reason.into(),
        };
        writeln!(out, "{}", format!("{start}{reason}").trim_end())?;
    }
    Ok(())
}

/// Returns the width of the terminal that the output goes to, in columns.
pub(crate) fn terminal() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    (columns > 0).then_some(columns.into())
}

fn cells(letter: &DeadLetter) -> [String; COLUMNS.len()] {
    let summary = Summary::of(letter);
    [
        escape(&letter.key),
        seconds(letter.since),
        summary.kind().unwrap_or(UNREADABLE).to_owned(),
        summary.integration().map_or_else(|| "-".to_owned(), escape),
        letter.failures.to_string(),
        letter.deaths.to_string(),
    ]
}

fn widths(rows: &[[String; COLUMNS.len()]]) -> [usize; COLUMNS.len()] {
    let mut widths = COLUMNS.map(|(name, _)| name.len());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    widths
}

/// Returns the cells in line with the others, each with the space after it.
fn line(cells: &[String; COLUMNS.len()], widths: &[usize; COLUMNS.len()]) -> String {
    let mut line = String::new();
    for ((cell, width), (_, is_number)) in cells.iter().zip(widths).zip(COLUMNS) {
        let space = " ".repeat(width.saturating_sub(measure_text_width(cell)));
        line += &if is_number { format!("{space}{cell}  ") } else { format!("{cell}{space}  ") };
    }
    line
}

#[cfg(test)]
mod tests {
    use nango_core::{Claim, Timestamp};

    use super::*;

    fn letter(key: &str, failures: u32, reason: &str) -> DeadLetter {
        let claim = Claim::new(key.to_owned(), "{}", failures, 0, String::new());
        DeadLetter::new(claim, reason.to_owned(), Timestamp::from_micros(0).unwrap())
    }

    fn table(page: &[DeadLetter], terminal: Option<usize>) -> String {
        let mut out = Vec::new();
        write(&mut out, page, false, terminal).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_in_line_and_reasons_cut_to_the_terminal() {
        let page = [letter("a", 7, "one\ntwo 漢字漢字漢字漢字漢字"), letter("\u{1b}b", 100_000_000, "")];
        let first = "a        1970-01-01T00:00:00Z  unreadable  -                    7       0  ";
        let second = "\\u{1b}b  1970-01-01T00:00:00Z  unreadable  -            100000000       0\n";
        let whole = format!("{first}one\\ntwo 漢字漢字漢字漢字漢字\n{second}");
        assert_eq!(table(&page, None), whole);
        assert_eq!(table(&page, Some(first.len() + 29)), whole, "29 columns are enough");
        let cut = format!("{first}one\\ntwo 漢字漢字漢字漢字漢…\n{second}");
        assert_eq!(table(&page, Some(first.len() + 28)), cut);
        let shortest = format!("{first}one\\ntwo 漢字漢字漢字漢…\n{second}");
        assert_eq!(table(&page, Some(20)), shortest, "a narrow terminal breaks the line");
    }
}
