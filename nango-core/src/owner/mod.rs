//! Owners of connections: the app's own types, and the owner that a connection's tags name.

mod attribution;
mod id;
mod identity;
mod kind;
mod kinds;
mod mapper;
#[expect(clippy::module_inception, reason = "the type that the room is named after")]
mod owner;
mod tag_keys;

pub use attribution::AttributionFailure;
pub use id::OwnerId;
pub use identity::{IntoOwner, OwnerIdentity};
pub use kinds::Unnamed;
pub use mapper::TagMapper;
pub use owner::Owner;
pub use tag_keys::{MAX_ENTITY_TAGS, OWNER_KIND, TagKeys};

pub(crate) use attribution::Attribution;
pub(crate) use kinds::OwnerKinds;
pub(crate) use tag_keys::ATTEMPT_ID;
