//! `/connections`.

mod details;
mod import;
mod list;
mod lookup;
mod manage;
mod metadata;
mod page;
mod stream;
mod token;
mod update;
mod url;
mod wait;

#[cfg(any(fuzzing, test))]
pub(super) use details::details_in;

pub use details::{ConnectionDetails, ReadConnection};
pub use import::{ImportConnection, ImportedCredentials};
pub use list::{ConnectionPages, ListConnections};
pub use lookup::{Lookup, Refresh};
pub use page::{ConnectionPage, UnreadableConnection};
pub use stream::ConnectionStream;
pub use token::Token;
pub use update::UpdateConnection;

#[cfg(fuzzing)]
pub(super) use page::rows_in;
