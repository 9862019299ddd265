//! The keys of a struct and of its flattened parts as one list, made and checked by the compiler.

use super::{MAX_TAGS, OWNER_KIND, TagKey};

/// How many keys are listed at most. More than are allowed, so that the check can come after.
const MAX_LISTED: usize = 4 * MAX_TAGS;

/// A list of keys that a constant can hold.
#[derive(Debug)]
pub struct Keys {
    keys: [&'static str; MAX_LISTED],
    len: usize,
}

impl Keys {
    /// The keys of all parts, unchecked.
    ///
    /// The check stands apart, in a constant that nothing names: a faulty one is then reported once.
    #[must_use]
    pub const fn join(parts: &[&[&'static str]]) -> Self {
        let mut joined = Self { keys: [""; MAX_LISTED], len: 0 };
        let mut i = 0;
        while i < parts.len() {
            let mut j = 0;
            while j < parts[i].len() {
                joined.push(parts[i][j]);
                j += 1;
            }
            i += 1;
        }
        joined
    }

    /// The keys.
    #[must_use]
    pub const fn as_slice(&self) -> &[&'static str] {
        self.keys.split_at(self.len).0
    }

    /// These keys and one that an attribute behind a flattened field names.
    ///
    /// # Panics
    ///
    /// When Nango would refuse them.
    #[must_use]
    #[track_caller]
    pub const fn check_own(mut self, key: &'static str) -> Self {
        if self.contains(key) {
            refuse(&["the tag `", key, "` is in a flattened field already: rename one of the two"]);
        }
        self.check_count();
        self.push(key);
        self
    }

    /// These keys and those of a flattened field.
    ///
    /// # Panics
    ///
    /// When Nango would refuse them.
    #[must_use]
    #[track_caller]
    pub const fn check_part(mut self, field: &str, keys: &[&'static str]) -> Self {
        let mut i = 0;
        while i < keys.len() {
            let key = keys[i];
            if let Err(reason) = TagKey::new(key) {
                refuse(&["the tag `", key, "` of the flattened field `", field, "`: ", reason]);
            }
            if same(key, OWNER_KIND) {
                refuse(&[
                    "the flattened field `",
                    field,
                    "` has the tag `owner_kind`, which the library sets",
                ]);
            }
            if self.contains(key) {
                refuse(&[
                    "the tag `",
                    key,
                    "` of the flattened field `",
                    field,
                    "` is there already: rename one of the two",
                ]);
            }
            self.check_count();
            self.push(key);
            i += 1;
        }
        self
    }

    #[track_caller]
    const fn check_count(&self) {
        if self.len >= MAX_TAGS {
            refuse(&[
                "with the flattened fields there are more than 9 tags, and Nango takes ten, one of them the library's: \
                      keep those by which you tell connections apart",
            ]);
        }
    }

    const fn push(&mut self, key: &'static str) {
        if self.len < MAX_LISTED {
            self.keys[self.len] = key;
            self.len += 1;
        }
    }

    const fn contains(&self, key: &str) -> bool {
        let mut i = 0;
        while i < self.len {
            if same(self.keys[i], key) {
                return true;
            }
            i += 1;
        }
        false
    }
}

/// Strings cannot be compared in a `const fn`.
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

/// Panics with all these texts, which `panic!` cannot put together at compile time.
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

    #[test]
    fn keys_are_joined_in_order() {
        let keys = Keys::join(&[&["a", "b"], &[], &["c"]]).check_part("x", &["d"]).check_own("e");
        assert_eq!(keys.as_slice(), ["a", "b", "c", "d", "e"]);
        assert!(Keys::join(&[]).as_slice().is_empty());
    }

    #[test]
    fn what_nango_would_refuse_does_not_pass() {
        const NINE: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        assert_eq!(Keys::join(&[]).check_part("x", NINE).as_slice(), NINE);
        type Make = fn() -> Keys;
        let cases: [(Make, &str); 6] = [
            (
                || Keys::join(&[&["a"]]).check_part("x", &["a"]),
                "the tag `a` of the flattened field `x` is there already: rename one of the two",
            ),
            (
                || Keys::join(&[]).check_part("x", &["a"]).check_own("a"),
                "the tag `a` is in a flattened field already: rename one of the two",
            ),
            (
                || Keys::join(&[&["z"]]).check_part("x", NINE),
                "with the flattened fields there are more than 9 tags, and Nango takes ten, one of them the library's: \
                 keep those by which you tell connections apart",
            ),
            (
                || Keys::join(&[NINE]).check_own("z"),
                "with the flattened fields there are more than 9 tags, and Nango takes ten, one of them the library's: \
                 keep those by which you tell connections apart",
            ),
            (
                || Keys::join(&[]).check_part("x", &["owner_kind"]),
                "the flattened field `x` has the tag `owner_kind`, which the library sets",
            ),
            (
                || Keys::join(&[]).check_part("x", &["A"]),
                "the tag `A` of the flattened field `x`: Nango lower-cases tag keys: write it in lower case",
            ),
        ];
        for (join, message) in cases {
            let refused = std::panic::catch_unwind(|| join().len).unwrap_err();
            assert_eq!(refused.downcast_ref::<String>().map(String::as_str), Some(message));
        }
    }
}
