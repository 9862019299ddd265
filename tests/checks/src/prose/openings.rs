//! The first words of doc comments.

/// Openings that make a reader wait for the subject.
const INDIRECT: [&str; 8] = ["What", "Whether", "How", "Who", "Whose", "Which", "When", "The same"];

/// The share of doc comments, in percent, that may open so.
const MOST_PERCENT: usize = 4;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Openings {
    pub(crate) comments: usize,
    pub(crate) indirect: usize,
}

impl Openings {
    /// Counts the doc comments of a file: runs of lines that begin with `///` or `//!`.
    pub(crate) fn count(source: &str) -> Self {
        let mut found = Self::default();
        let mut continues = false;
        for line in source.lines() {
            let text = doc_text(line);
            if let Some(text) = text.filter(|_| !continues) {
                found.comments += 1;
                found.indirect += usize::from(INDIRECT.iter().any(|opening| opens(text, opening)));
            }
            continues = text.is_some();
        }
        found
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.comments += other.comments;
        self.indirect += other.indirect;
    }

    pub(crate) fn percent(self) -> f64 {
        // Neither number comes near the size at which a float gets coarse.
        #[expect(clippy::cast_precision_loss)]
        let share = self.indirect as f64 / self.comments.max(1) as f64;
        100.0 * share
    }

    pub(crate) fn are_too_many(self) -> bool {
        100 * self.indirect > MOST_PERCENT * self.comments
    }
}

fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim_start)
}

fn opens(text: &str, opening: &str) -> bool {
    text.strip_prefix(opening).is_some_and(|rest| rest.starts_with([' ', ',', ':']))
}

#[cfg(test)]
mod tests {
    use super::Openings;

    #[test]
    fn a_run_of_lines_is_one_comment_with_one_opening() {
        let source = "//! How it is.\n//! What else.\n\n/// Returns.\n/// When not.\nfn a() {}\n    /// The same: b\n// What\n/// Whatever\n/// Who\n";
        assert_eq!(Openings::count(source), Openings { comments: 4, indirect: 2 });
    }

    #[test]
    fn four_percent_are_allowed() {
        assert!(!Openings { comments: 100, indirect: 4 }.are_too_many());
        assert!(Openings { comments: 99, indirect: 4 }.are_too_many());
        assert!(!Openings::default().are_too_many());
    }
}
