//! Names of syncs.

use serde::{Serialize, Serializer};

use crate::error::Error;

/// The variant that every sync has.
const BASE: &str = "base";

/// The most syncs that Nango takes at once, and the longest name, in characters.
const MAX_NAMES: usize = 256;
const MAX_LENGTH: usize = 255;

/// A sync of an integration, by name, or one of its variants.
///
/// `From<&str>` reads `contacts` and `contacts::team-2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SyncName {
    name: String,
    variant: Option<String>,
}

impl SyncName {
    /// Names a sync, in its variant `base`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), variant: None }
    }

    /// Names a variant of the sync.
    #[must_use]
    pub fn variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = Some(variant.into());
        self
    }

    /// Returns the name without the variant.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the variant, which is `base` unless it was named.
    #[must_use]
    pub fn variant_name(&self) -> &str {
        self.variant.as_deref().unwrap_or(BASE)
    }

    /// Checks the characters, which are those that Nango allows (observed on 0.71.4): a comma would
    /// divide a name in two.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_valid = |text: &str| {
            (1..=MAX_LENGTH).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if is_valid(&self.name) && is_valid(self.variant_name()) {
            Ok(())
        } else {
            Err(Error::invalid_request(
                "the name of a sync or of its variant has not 1 to 255 letters, digits, `_` and `-`",
            ))
        }
    }

    fn in_a_list(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}::{variant}", self.name),
            None => self.name.clone(),
        }
    }
}

impl From<&str> for SyncName {
    fn from(text: &str) -> Self {
        match text.split_once("::") {
            Some((name, variant)) => Self::new(name).variant(variant),
            None => Self::new(text),
        }
    }
}

impl From<String> for SyncName {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// As Nango reads it in a body: a text, or an object if a variant is named.
impl Serialize for SyncName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Variant<'a> {
            name: &'a str,
            variant: &'a str,
        }
        match &self.variant {
            Some(variant) => Variant { name: &self.name, variant }.serialize(serializer),
            None => self.name.serialize(serializer),
        }
    }
}

/// The syncs that a call is for.
///
/// To Nango an empty list means all syncs, also paused ones (observed on 0.71.4). Here all are
/// [`All`](Self::All), and an empty list is refused.
///
/// ```
/// use nango_client::{SyncName, Syncs};
///
/// let two = Syncs::these(["contacts", "tickets::team-2"]);
/// let one = Syncs::from(SyncName::new("contacts"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syncs {
    /// All syncs of the connection, or of all connections of the integration.
    All,
    /// The named ones: 1 to 256.
    These(Vec<SyncName>),
}

impl Syncs {
    /// Names syncs.
    pub fn these<N: Into<SyncName>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::These(names.into_iter().map(Into::into).collect())
    }

    /// Returns the names for a body.
    pub(super) fn in_a_body(&self) -> Result<&[SyncName], Error> {
        self.check()?;
        match self {
            Self::All => Ok(&[]),
            Self::These(names) => Ok(names),
        }
    }

    /// Returns the names for a query.
    pub(super) fn in_a_query(&self) -> Result<String, Error> {
        self.check()?;
        Ok(match self {
            Self::All => "*".to_owned(),
            Self::These(names) => names.iter().map(SyncName::in_a_list).collect::<Vec<_>>().join(","),
        })
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            Self::All => Ok(()),
            Self::These(names) if (1..=MAX_NAMES).contains(&names.len()) => {
                names.iter().try_for_each(SyncName::check)
            }
            Self::These(_) => Err(Error::invalid_request(
                "the list has not 1 to 256 syncs, and an empty one means all of them to Nango: use `Syncs::All`",
            )),
        }
    }
}

impl<N: Into<SyncName>> From<N> for Syncs {
    fn from(name: N) -> Self {
        Self::These(vec![name.into()])
    }
}
