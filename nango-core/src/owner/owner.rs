//! Owners.

use std::cmp::Ordering;
use std::fmt::{self, Display, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The owner of a connection: a kind, an id within it, and a scope where the kind has one.
///
/// Two owners are equal when all three are, byte for byte. The `Debug` output leaves out id and
/// scope, which can be personal data; the `Display` output has them. Clones share the texts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The kind, the id and the scope, one after the other.
    texts: Arc<str>,
    /// The length of the kind in bytes.
    kind: usize,
    /// The length of the id in bytes.
    id: usize,
    has_scope: bool,
}

/// The form in which an owner is serialised.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Owner")]
struct Wire<T> {
    kind: T,
    id: T,
    scope: Option<T>,
}

impl Owner {
    /// Creates an owner without a scope.
    ///
    /// ```
    /// use nango_core::Owner;
    ///
    /// let owner = Owner::new("user", 7);
    /// assert_eq!((owner.kind(), owner.id()), ("user", "7"));
    /// ```
    #[must_use]
    pub fn new(kind: impl Into<String>, id: impl Display) -> Self {
        let mut texts = kind.into();
        let kind = texts.len();
        // A `Display` that fails leaves what it has written, as `to_string` would panic.
        let _ = write!(texts, "{id}");
        let id = texts.len() - kind;
        Self { texts: texts.into(), kind, id, has_scope: false }
    }

    /// Creates an owner of texts.
    #[inline]
    pub(crate) fn from_text(kind: &str, id: &str, scope: Option<&str>) -> Self {
        let texts: String = [kind, id, scope.unwrap_or_default()].concat();
        Self { texts: texts.into(), kind: kind.len(), id: id.len(), has_scope: scope.is_some() }
    }

    /// Sets or removes the scope.
    #[must_use]
    pub fn with_scope(self, scope: Option<impl Display>) -> Self {
        match scope {
            None if !self.has_scope => self,
            scope => {
                let scope = scope.map(|scope| scope.to_string());
                Self::from_text(self.kind(), self.id(), scope.as_deref())
            }
        }
    }

    /// Returns the kind, such as `user`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.parts().0
    }

    /// Returns the id as text.
    #[must_use]
    pub fn id(&self) -> &str {
        self.parts().1
    }

    /// Returns the scope as text, where the kind has one.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.parts().2
    }

    fn parts(&self) -> (&str, &str, Option<&str>) {
        let (kind, rest) = self.texts.split_at(self.kind);
        let (id, scope) = rest.split_at(self.id);
        (kind, id, self.has_scope.then_some(scope))
    }
}

/// By the kind, then by the id, then by the scope.
impl Ord for Owner {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Owner {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, id, scope) = self.parts();
        Wire { kind, id, scope }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire::<String> { kind, id, scope } = Wire::deserialize(deserializer)?;
        Ok(Self::from_text(&kind, &id, scope.as_deref()))
    }
}

/// Prints kind, id and scope: `user:7`, or `user:7 in acme`.
impl Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id, scope) = self.parts();
        write!(f, "{kind}:{id}")?;
        match scope {
            Some(scope) => write!(f, " in {scope}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_equal_and_sorted_part_by_part() {
        let sorted = [
            ("a", "bc", None),
            ("a", "bc", Some("")),
            ("a", "bc", Some("d")),
            ("a", "bcd", None),
            ("ab", "c", None),
            ("ab", "cd", None),
        ];
        let owners = sorted.map(|(kind, id, scope)| Owner::new(kind, id).with_scope(scope));
        for (n, owner) in owners.iter().enumerate() {
            assert_eq!((owner.kind(), owner.id(), owner.scope()), sorted[n]);
            let json = serde_json::to_string(owner).unwrap();
            assert_eq!(serde_json::from_str::<Owner>(&json).unwrap(), *owner);
            assert_eq!(owner.clone().with_scope(None::<&str>), Owner::new(sorted[n].0, sorted[n].1));
            for (m, other) in owners.iter().enumerate() {
                assert_eq!((owner.cmp(other), owner == other), (n.cmp(&m), n == m));
            }
        }
        let owner = Owner::new("user", 7).with_scope(Some("acme"));
        assert_eq!(serde_json::to_string(&owner).unwrap(), r#"{"kind":"user","id":"7","scope":"acme"}"#);
    }

    #[test]
    fn debug_shows_the_kind_only() {
        let owner = Owner::new("user", "alice").with_scope(Some("acme"));
        assert_eq!(format!("{owner:?}"), r#"Owner { kind: "user", .. }"#);
        assert_eq!(owner.to_string(), "user:alice in acme");
    }
}
