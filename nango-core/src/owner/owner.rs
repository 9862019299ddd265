//! Owners.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// The owner of a connection: a kind, an id within it, and a scope where the kind has one.
///
/// Two owners are equal when all three are, byte for byte. The `Debug` output leaves out id and
/// scope, which can be personal data; the `Display` output has them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Owner {
    kind: String,
    id: String,
    scope: Option<String>,
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
        Self { kind: kind.into(), id: id.to_string(), scope: None }
    }

    /// Creates an owner for the derive, which has the texts already.
    #[inline]
    pub(crate) fn from_text(kind: &'static str, id: String, scope: Option<String>) -> Self {
        Self { kind: kind.to_owned(), id, scope }
    }

    /// Sets or removes the scope.
    #[must_use]
    pub fn with_scope(mut self, scope: Option<impl Display>) -> Self {
        self.scope = scope.map(|scope| scope.to_string());
        self
    }

    /// Returns the kind, such as `user`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the id as text.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the scope as text, where the kind has one.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

/// Prints kind, id and scope: `user:7`, or `user:7 in acme`.
impl Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)?;
        match &self.scope {
            Some(scope) => write!(f, " in {scope}"),
            None => Ok(()),
        }
    }
}

nango_client::__debug_only!(Owner { kind });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_kind_only() {
        let owner = Owner::new("user", "alice").with_scope(Some("acme"));
        assert_eq!(format!("{owner:?}"), r#"Owner { kind: "user", .. }"#);
        assert_eq!(owner.to_string(), "user:alice in acme");
    }
}
