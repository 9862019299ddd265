//! The cause of a failure of the credentials.

use serde::{Deserialize, Serialize};

/// The longest description that is kept, in characters. It is the provider's, and can be a page.
const MAX_DESCRIPTION: usize = 1_000;

/// A failure of the credentials, in Nango's words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cause {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_id: Option<String>,
}

impl Cause {
    pub(crate) fn new(kind: &str, description: Option<&str>, log_id: Option<String>) -> Self {
        let cut = |text: &str| text.chars().take(MAX_DESCRIPTION).collect::<String>();
        Self { kind: cut(kind), description: description.map(cut), log_id }
    }

    pub(crate) fn is_of_kind(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

nango_client::__debug_only!(Cause {});

/// The cause of a [`Degraded`](crate::Health::Degraded) or [`NeedsReconnect`](crate::Health::NeedsReconnect), in
/// Nango's words: for those that operate the app, and not for its users.
///
/// The texts come from Nango, and in part from the provider: they may contain anything, tokens and
/// personal data included. So the `Debug` output has none of them. Look at them before you log them.
#[derive(Clone, PartialEq, Eq)]
pub struct HealthCause(Cause);

impl From<Cause> for HealthCause {
    fn from(cause: Cause) -> Self {
        Self(cause)
    }
}

impl HealthCause {
    /// Returns a word for the kind of failure, such as `refresh_token_external_error`. It is the one
    /// of the webhook about the failure; `auth`, which says only that it is one of the credentials,
    /// where a look found the failure before the webhook, or without one.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Returns the description of the webhook about the failure, if it came before any other look:
    /// at most a thousand characters.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Returns the id of the failure's entry in the logs of Nango's dashboard.
    #[must_use]
    pub fn log_id(&self) -> Option<&str> {
        self.0.log_id.as_deref()
    }
}

nango_client::__debug_only!(HealthCause {});
