//! Identifiers of owners.

use std::fmt::Display;
use std::str::FromStr;

/// A type that can identify an owner: everything that is [`Display`] and [`FromStr`].
///
/// Sealed: a blanket implementation covers every such type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot identify an owner",
    label = "does not implement both `Display` and `FromStr`",
    note = "an id is stored as its text and read back: implement `std::fmt::Display` and `std::str::FromStr` for `{Self}`"
)]
pub trait OwnerId: Sized + sealed::Sealed {
    /// Returns the id as it is stored.
    fn to_text(&self) -> String;

    /// Reads an id back; `None` when the text is not the one spelling of an id.
    fn from_text(text: &str) -> Option<Self>;
}

// The bounds stand here and not on the trait, so that the compiler reports a missing one in the
// trait's own words.
#[diagnostic::do_not_recommend]
impl<T: Display + FromStr> OwnerId for T {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse::<Self>().ok().filter(|id| id.to_string() == text)
    }
}

mod sealed {
    use super::{Display, FromStr};

    #[expect(unnameable_types, reason = "this is how a trait is sealed")]
    pub trait Sealed {}

    #[diagnostic::do_not_recommend]
    impl<T: Display + FromStr> Sealed for T {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(u64::from_text("7"), Some(7));
        assert_eq!(u64::from_text("07"), None);
        assert_eq!(u64::from_text("+7"), None);
        assert_eq!(u64::from_text("seven"), None);
    }
}
