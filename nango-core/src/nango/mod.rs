//! The handle that an app holds.

mod forget;
mod handle;
mod limits;
mod session;
mod settings;

pub use forget::ForgetReport;
pub use handle::Nango;
pub use session::SessionRequest;

pub(crate) use limits::{SESSION_BURST, SESSIONS_PER_MINUTE, SYNC_PERIOD, SessionLimit, SyncLimit};
pub(crate) use settings::Settings;
