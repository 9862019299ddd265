//! Words that do not stand in prose.

/// One word a line, and the exceptions: a word followed by another one soon after it. A file of its
/// own, since this check reads its own sources as well.
const WORDS: &str = include_str!("words.txt");

/// The number of words within which an exception has to be complete.
const SOON: usize = 5;

#[derive(Debug)]
pub(crate) struct Words {
    banned: Vec<&'static str>,
    exceptions: Vec<(&'static str, &'static str)>,
}

impl Words {
    pub(crate) fn load() -> Self {
        let mut words = Self { banned: Vec::new(), exceptions: Vec::new() };
        for line in WORDS.lines() {
            match line.strip_prefix("except ").and_then(|pair| pair.split_once(' ')) {
                Some(pair) => words.exceptions.push(pair),
                None => words.banned.push(line),
            }
        }
        words
    }

    /// Lists the banned words of a line.
    pub(crate) fn find(&self, line: &str) -> Vec<&'static str> {
        let found: Vec<String> = split(line).collect();
        let is_excepted = |at: usize| {
            self.exceptions.iter().any(|(word, later)| {
                found[at] == *word && found.iter().skip(at + 1).take(SOON).any(|found| found == later)
            })
        };
        let banned = |at: usize| self.banned.iter().copied().find(|word| found[at] == *word);
        (0..found.len()).filter(|at| !is_excepted(*at)).filter_map(banned).collect()
    }
}

/// Counts a word in a line, in any case.
pub(crate) fn count(line: &str, word: &str) -> usize {
    split(line).filter(|found| found == word).count()
}

/// Splits a line at everything but letters, so that parts of identifiers are words as well.
fn split(line: &str) -> impl Iterator<Item = String> {
    line.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::{Words, count};

    #[test]
    fn every_word_is_found_in_any_case_and_only_whole() {
        let words = Words::load();
        assert_eq!(words.banned.len(), 10);
        for word in &words.banned {
            assert_eq!(words.find(&format!("an {}.", word.to_uppercase())), [*word]);
            assert_eq!(words.find(&format!("`{word}_too_early`")), [*word]);
            assert!(words.find(&format!("un{word}ing")).is_empty());
        }
    }

    #[test]
    fn an_exception_needs_its_second_word() {
        let words = Words::load();
        let (word, later) = words.exceptions[0];
        assert!(words.find(&format!("to {word} the two of them {later}")).is_empty());
        assert_eq!(words.find(&format!("to {word} the two")), [word]);
    }

    #[test]
    fn a_word_is_counted_in_any_case() {
        assert_eq!(count("Who is it, and who not? whose", "who"), 2);
    }
}
