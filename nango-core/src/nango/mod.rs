//! The handle that an app holds.

mod handle;
mod session;
mod settings;

pub use handle::Nango;
pub use session::{ForgetReport, SessionRequest};

pub(crate) use settings::{
    SESSION_BURST, SESSIONS_PER_MINUTE, SYNC_PERIOD, SessionLimit, Settings, SyncLimit,
};
