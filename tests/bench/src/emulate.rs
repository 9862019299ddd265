//! The emulator's process.

use nango_emulator::Emulator;
use serde::{Deserialize, Serialize};

use crate::child::{self, Child};
use crate::outcome::Outcome;
use crate::plan::{INTEGRATION, Upstream, connection_id, user};

/// An emulator.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The connections that it has, one per user.
    pub(crate) connections: u32,
    /// The limit that its replies name. Without one they name 200.
    pub(crate) rate_limit: Option<u32>,
}

impl Settings {
    pub(crate) fn start(self) -> Outcome<(Child, Upstream)> {
        Child::start("emulate", &self)
    }
}

#[tokio::main]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let settings: Settings = serde_json::from_str(settings)?;
    child::end_with_parent();
    let mut builder = Emulator::builder().integrations([INTEGRATION]);
    if let Some(limit) = settings.rate_limit {
        builder = builder.rate_limit(limit);
    }
    let emulator = builder.start().await?;
    if settings.connections > 0 {
        let tags = [("end_user_id", &*numbered(user)), ("owner_kind", "user")];
        emulator.import_many(INTEGRATION, settings.connections, &numbered(connection_id), &tags)?;
    }
    child::print(&Upstream {
        url: emulator.local_url().to_owned(),
        secret_key: emulator.secret_key().to_owned(),
        signing_key: emulator.signing_key(),
    })?;
    std::future::pending().await
}

/// Returns a numbered text with the emulator's place for the number.
fn numbered(text: fn(usize) -> String) -> String {
    text(0).replace('0', "{n}")
}
