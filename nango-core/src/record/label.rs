//! The label of a connection: the name of its account at the provider.

use serde::{Deserialize, Serialize};

/// The longest label, in characters. Longer ones are cut.
const MAX_LABEL: usize = 200;

/// A label, and its source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Label {
    text: String,
    /// `true` if the app has set it: the provider's answer does not replace it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_by_app: bool,
}

// It can be an e-mail address.
nango_client::__debug_only!(Label { is_by_app });

impl Label {
    /// Takes a text without control characters and without space at its ends; `None` if nothing is left
    /// of it.
    pub(crate) fn new(text: &str, is_by_app: bool) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text: String = text.trim().chars().take(MAX_LABEL).collect();
        (!text.is_empty()).then_some(Self { text, is_by_app })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The progress of asking the provider for a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Labelling {
    /// `true` once the provider has answered since the last connect or reconnect, or is not asked again.
    #[serde(default)]
    pub(crate) is_done: bool,
    /// The number of failures since then.
    #[serde(default)]
    pub(crate) failures: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_short_line() {
        let text = |text: &str| Label::new(text, false).map(|label| label.text().to_owned());
        assert_eq!(text(" anna@example.com\n").as_deref(), Some("anna@example.com"));
        assert_eq!(text("a\u{0}\u{7}b\r\nc").as_deref(), Some("abc"));
        assert_eq!(text(&"ø".repeat(1_000)).map(|label| label.chars().count()), Some(200));
        assert_eq!((text(""), text(" \n")), (None, None));
    }
}
