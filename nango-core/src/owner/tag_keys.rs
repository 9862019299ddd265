//! The keys of a struct and of its flattened parts as one list, joined and checked at compile time.

use nango_client::{MAX_TAGS, TagKey};

/// The tag that core adds to every session: the kind of the owner, after the app's name if it has
/// one.
pub const OWNER_KIND: &str = "owner_kind";

/// The tag that core adds to a session while attempts are tracked: the id of the attempt.
pub(crate) const ATTEMPT_ID: &str = "attempt_id";

/// The largest number of tags that an entity may have. Nango takes ten; the tenth is
/// [`OWNER_KIND`].
///
/// While attempts are [tracked](crate::NangoBuilder::track_attempts) it is one less, which
/// [`build`](crate::NangoBuilder::build) checks.
pub const MAX_ENTITY_TAGS: usize = MAX_TAGS - 1;

/// A list of at most [`MAX_ENTITY_TAGS`] keys that a constant can hold.
#[derive(Debug)]
pub struct TagKeys {
    keys: [&'static str; MAX_ENTITY_TAGS],
    len: usize,
}

/// A reason for which a key cannot be added.
enum Fault {
    Duplicate,
    NotAllowed(&'static str),
    Reserved,
    TooMany,
}

impl TagKeys {
    const EMPTY: Self = Self { keys: [""; MAX_ENTITY_TAGS], len: 0 };

    /// Joins the keys of all parts. The list is empty if one of them cannot be added.
    ///
    /// Does not panic: a constant that nothing names checks the keys, and an entity that flattens a
    /// part with a mistake does not report it again.
    #[must_use]
    pub const fn join(parts: &[&[&'static str]]) -> Self {
        let mut joined = Self::EMPTY;
        let mut i = 0;
        while i < parts.len() {
            let mut j = 0;
            while j < parts[i].len() {
                if joined.try_push(parts[i][j]).is_err() {
                    return Self::EMPTY;
                }
                j += 1;
            }
            i += 1;
        }
        joined
    }

    /// Returns the keys.
    #[must_use]
    pub const fn as_slice(&self) -> &[&'static str] {
        self.keys.split_at(self.len).0
    }

    /// Adds a key that follows a flattened field.
    ///
    /// # Panics
    ///
    /// When Nango would refuse the keys. In a constant, that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn push_checked(mut self, key: &'static str) -> Self {
        match self.try_push(key) {
            Ok(()) => self,
            Err(Fault::TooMany) => refuse(&[TOO_MANY]),
            // The derive has checked the key by itself.
            Err(_) => refuse(&[
                "duplicate tag `",
                key,
                "`, which a flattened field has already: rename one of the two",
            ]),
        }
    }

    /// Adds the keys of a flattened field.
    ///
    /// # Panics
    ///
    /// When Nango would refuse the keys. In a constant, that is a compile error.
    #[must_use]
    #[track_caller]
    pub const fn extend_checked(mut self, field: &str, keys: &[&'static str]) -> Self {
        let mut i = 0;
        while i < keys.len() {
            let key = keys[i];
            let (problem, advice) = match self.try_push(key) {
                Ok(()) => ("", ""),
                Err(Fault::Duplicate) => ("` exists already: ", "rename one of the two"),
                Err(Fault::NotAllowed(reason)) => ("` is not allowed: ", reason),
                Err(Fault::Reserved) => ("` is set by the library: ", "choose another"),
                Err(Fault::TooMany) => refuse(&[TOO_MANY]),
            };
            if !advice.is_empty() {
                refuse(&["the tag `", key, "` of the flattened field `", field, problem, advice]);
            }
            i += 1;
        }
        self
    }

    const fn try_push(&mut self, key: &'static str) -> Result<(), Fault> {
        if let Err(reason) = TagKey::new(key) {
            return Err(Fault::NotAllowed(reason));
        }
        if same(key, OWNER_KIND) {
            return Err(Fault::Reserved);
        }
        let mut i = 0;
        while i < self.len {
            if same(self.keys[i], key) {
                return Err(Fault::Duplicate);
            }
            i += 1;
        }
        if self.len == MAX_ENTITY_TAGS {
            return Err(Fault::TooMany);
        }
        self.keys[self.len] = key;
        self.len += 1;
        Ok(())
    }
}

const TOO_MANY: &str = "too many tags with those of the flattened fields, since Nango takes ten and one is the library's: \
                        keep at most 9, those that tell connections apart";

/// Compares strings, for which `==` is not `const`.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Panics with all these texts, which `panic!` cannot join at compile time.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a constant is refused")]
const fn refuse(texts: &[&str]) -> ! {
    let mut message = [0; 512];
    let mut len = 0;
    let mut i = 0;
    while i < texts.len() {
        let text = texts[i].as_bytes();
        let mut j = 0;
        while j < text.len() && len < message.len() {
            message[len] = text[j];
            len += 1;
            j += 1;
        }
        i += 1;
    }
    match std::str::from_utf8(message.split_at(len).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("the tags of a flattened field clash with others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];

    #[test]
    fn keys_are_joined_in_order() {
        let keys = TagKeys::join(&[&["a", "b"], &[], &["c"]]).extend_checked("x", &["d"]).push_checked("e");
        assert_eq!(keys.as_slice(), ["a", "b", "c", "d", "e"]);
        assert!(TagKeys::join(&[]).as_slice().is_empty());
        assert_eq!(TagKeys::join(&[]).extend_checked("x", NINE).as_slice(), NINE);
    }

    #[test]
    fn keys_that_cannot_be_joined_leave_an_empty_list() {
        let parts: [&[&[&str]]; 4] = [&[&["a"], &["a"]], &[NINE, &["z"]], &[&["owner_kind"]], &[&["A"]]];
        for parts in parts {
            assert!(TagKeys::join(parts).as_slice().is_empty(), "{parts:?}");
        }
    }

    #[test]
    fn keys_that_nango_would_refuse_panic() {
        type Join = fn() -> TagKeys;
        let cases: [(Join, &str); 6] = [
            (
                || TagKeys::join(&[&["a"]]).extend_checked("x", &["a"]),
                "the tag `a` of the flattened field `x` exists already: rename one of the two",
            ),
            (
                || TagKeys::join(&[]).extend_checked("x", &["a"]).push_checked("a"),
                "duplicate tag `a`, which a flattened field has already: rename one of the two",
            ),
            (|| TagKeys::join(&[&["z"]]).extend_checked("x", NINE), TOO_MANY),
            (|| TagKeys::join(&[NINE]).push_checked("z"), TOO_MANY),
            (
                || TagKeys::join(&[]).extend_checked("x", &["owner_kind"]),
                "the tag `owner_kind` of the flattened field `x` is set by the library: choose another",
            ),
            (
                || TagKeys::join(&[]).extend_checked("x", &["A"]),
                "the tag `A` of the flattened field `x` is not allowed: Nango lower-cases tag keys: write it in lower case",
            ),
        ];
        for (join, message) in cases {
            let refused = std::panic::catch_unwind(|| join().len).unwrap_err();
            assert_eq!(refused.downcast_ref::<String>().map(String::as_str), Some(message));
        }
    }
}
