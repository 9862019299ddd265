//! `Debug` without secrets.

use std::fmt;

/// Returns `true` for words as Nango uses them for codes, kinds and operations. Any other text is
/// not Nango's and may contain anything, so that it is not repeated.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Shows a text if it is a word, and only its length otherwise.
pub(crate) struct Word<'a>(pub(crate) &'a str);

impl fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_word(self.0) { self.0.fmt(f) } else { write!(f, "({} bytes)", self.0.len()) }
    }
}

/// Implements `Debug` as the text of `Display`: programs whose `main` returns an error print `Debug`.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_as_display {
    ($($type:ident),*) => {$(
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

/// Implements `Debug` with these fields only: the others are secret or personal.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_only {
    ($type:ident $(<$lifetime:lifetime>)? { $($field:ident),* }) => {
        impl ::std::fmt::Debug for $type $(<$lifetime>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}
