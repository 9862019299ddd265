//! The settings that one process gives another, as JSON.

use serde::{Deserialize, Serialize};

/// The integration of all connections.
pub(crate) const INTEGRATION: &str = "openai";

/// The author of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    /// Written by hand.
    Floor,
    /// The crates of the workspace.
    Ours,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Framework {
    Actix,
    Axum,
}

/// The place of an app's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Store {
    Memory,
    /// With the URL of a database.
    Postgres(String),
    /// With the URL of a database.
    Sqlite(String),
}

/// The place of rows, as a work names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rows {
    Memory,
    Postgres,
    Sqlite,
}

impl Rows {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

/// An emulated Nango, as an app knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Upstream {
    pub(crate) url: String,
    pub(crate) secret_key: String,
    pub(crate) signing_key: String,
}

/// An app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct App {
    pub(crate) by: By,
    pub(crate) framework: Framework,
    pub(crate) store: Store,
    /// `true` if each delivery leads to a look; with `false` there is no budget for any.
    pub(crate) looks: bool,
    /// The rows that the app puts into its store, one per owner or five of each.
    pub(crate) fill: Option<Fill>,
    pub(crate) nango: Upstream,
}

/// Rows of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fill {
    pub(crate) rows: usize,
    pub(crate) of_each_owner: usize,
}

/// The work that an app has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Verified deliveries.
    pub(crate) deliveries: u64,
    /// Deliveries that led to a look.
    pub(crate) looks: u64,
}

/// Returns the connection id with a number.
pub(crate) fn connection_id(n: usize) -> String {
    format!("connection-{n}")
}

/// Returns the user with a number.
pub(crate) fn user(n: usize) -> String {
    format!("user-{n}")
}
