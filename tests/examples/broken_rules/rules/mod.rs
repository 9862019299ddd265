//! Rules of reconciliation, and how each is broken.

mod belief;
mod look;
mod row;
mod sweep;

/// A rule, in a word to name it by and in a sentence.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    pub(crate) breaks: &'static [Edit],
}

/// A place in the sources of `nango-core` that becomes another one. What it becomes asks `BROKEN` whether it is to be broken
/// in this run.
pub(crate) struct Edit {
    pub(crate) file: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [belief::RULES, look::RULES, row::RULES, sweep::RULES].into_iter().flatten()
}

impl Edit {
    /// The text with this place changed.
    ///
    /// # Errors
    ///
    /// When the place is not there exactly once.
    pub(crate) fn make(&self, text: &str, rule: &Rule) -> Result<String, String> {
        match text.matches(self.from).count() {
            1 => {
                let broken = format!("crate::broken::rule({:?})", rule.name);
                Ok(text.replacen(self.from, &self.to.replace("BROKEN", &broken), 1))
            }
            count => {
                Err(format!("{}: in {} this is there {count} times: {}", rule.name, self.file, self.from))
            }
        }
    }
}
