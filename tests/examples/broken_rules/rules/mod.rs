//! Rules of reconciliation, and the code that breaks each.

mod belief;
mod events;
mod look;
mod row;
mod sweep;

/// A rule. Its place in the sources is a line `// rule: NAME`, and `// rule: NAME.2` for a second
/// one.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// Code for each place, inserted before the line after the marker. `BROKEN` in it is true in a
    /// run that breaks the rule.
    pub(crate) breaks: &'static [&'static str],
    /// A test that fails while the rule is broken: of those that do, the one that is about it and quick.
    pub(crate) noticed_by: &'static str,
}

impl Rule {
    /// Returns the marker of the place with this index.
    pub(crate) fn marker(&self, index: usize) -> String {
        match index {
            0 => format!("// rule: {}", self.name),
            _ => format!("// rule: {}.{}", self.name, index + 1),
        }
    }

    /// Returns the code for the place with this index.
    pub(crate) fn code(&self, index: usize) -> String {
        self.breaks[index].replace("BROKEN", &format!("crate::broken::rule({:?})", self.name))
    }
}

pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [belief::RULES, events::RULES, look::RULES, row::RULES, sweep::RULES].into_iter().flatten()
}
