//! The handle that an app holds.

#[cfg(fuzzing)]
mod fuzzing;
mod handle;
mod origins;
mod refusal;
mod session;
mod settings;
mod unscoped;
mod unverified;
mod work;

pub use handle::Nango;
pub use refusal::RefusalPage;
pub use session::{ForgetReport, SessionRequest};
pub use unscoped::ConnectionEvent;

pub(crate) use origins::{OriginTest, TrustedOrigins};
pub(crate) use settings::{
    OwnerLimits, SESSION_BURST, SESSIONS_PER_MINUTE, SYNC_PERIOD, Settings, SyncLimit,
};
pub(crate) use unverified::{Unread, Unverified};
