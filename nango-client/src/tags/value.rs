//! Types that can be the value of a tag.

use std::fmt::Display;

/// A value that can be written as a tag: every type that is [`Display`].
///
/// The derive demands it of a field. It is sealed: implement `Display` instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a tag",
    label = "does not implement `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, or name a module that writes it: `#[nango(tag, with = \"module\")]`",
    note = "an `Option` is known by its name: one behind a type alias has to be written as `Option<..>`"
)]
pub trait TagValue: sealed::Sealed {
    /// Returns the value as Nango will store it.
    fn to_tag(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> TagValue for T {
    fn to_tag(&self) -> String {
        self.to_string()
    }
}

mod sealed {
    use std::fmt::Display;

    #[expect(unnameable_types, reason = "nothing outside may implement it")]
    pub trait Sealed {}

    #[diagnostic::do_not_recommend]
    impl<T: Display + ?Sized> Sealed for T {}
}
