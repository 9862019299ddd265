//! The findings of a check of the set-up.

use std::fmt;

/// The findings of [`Nango::check_setup`](crate::Nango::check_setup), one for each subject.
///
/// `Display` writes a line for each. No text contains a key, a connection id or a tag.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[must_use]
pub struct SetupReport {
    /// The findings, in the order in which they were made.
    pub checks: Vec<SetupCheck>,
}

/// The finding about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupCheck {
    /// The subject.
    pub subject: SetupSubject,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, and what to do where something is wrong.
    pub finding: String,
}

/// The subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SetupSubject {
    /// The configured host: a Nango answers there.
    Host,
    /// The API key: Nango accepts it.
    ApiKey,
    /// The integrations that the app allows: all exist in the environment. The credentials of their
    /// OAuth apps are not checked, since this library reads no such secrets.
    Integrations,
    /// Connect sessions: the key may create them.
    ConnectSessions,
    /// The list of connections: the key may read it, for syncs and sweeps.
    ListConnections,
    /// Credentials: the key may read them, without which Nango refreshes nothing at a look.
    ReadCredentials,
    /// The environment's name, as the last delivery named it.
    Environment,
    /// Connections in the environment that are not this app's.
    OtherApps,
    /// The store: it can be reached, has its tables, and can be written.
    Store,
    /// The sweeper: one runs in this process.
    Sweeper,
    /// Deliveries: some have arrived, with a right signature.
    Webhooks,
}

/// The verdict about a subject.
#[expect(clippy::exhaustive_enums, reason = "a page or a command has to show every verdict")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It works, and something about it may not be meant.
    Warning,
    /// It does not work.
    Failed,
    /// Unknown: another failure stands in the way, or Nango does not say.
    NotCheckable,
}

impl SetupReport {
    /// Returns `true` if nothing fails.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != Verdict::Failed)
    }

    /// Returns the findings that call for action: failures and warnings.
    pub fn problems(&self) -> impl Iterator<Item = &SetupCheck> {
        self.checks.iter().filter(|check| matches!(check.verdict, Verdict::Failed | Verdict::Warning))
    }

    pub(super) fn add(&mut self, subject: SetupSubject, verdict: Verdict, finding: impl Into<String>) {
        self.checks.push(SetupCheck { subject, verdict, finding: finding.into() });
    }
}

impl SetupSubject {
    /// Returns the name, such as `api_key`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::ConnectSessions => "connect_sessions",
            Self::Environment => "environment",
            Self::Host => "host",
            Self::Integrations => "integrations",
            Self::ListConnections => "list_connections",
            Self::OtherApps => "other_apps",
            Self::ReadCredentials => "read_credentials",
            Self::Store => "store",
            Self::Sweeper => "sweeper",
            Self::Webhooks => "webhooks",
        }
    }
}

impl Verdict {
    /// Returns `ok`, `warning`, `failed` or `not_checkable`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotCheckable => "not_checkable",
        }
    }
}

impl fmt::Display for SetupSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for SetupCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.subject, self.verdict, self.finding)
    }
}

impl fmt::Display for SetupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.checks.iter().try_for_each(|check| writeln!(f, "{check}"))
    }
}
