//! Tags, which say whose a connection is, and Nango's rules for them (observed on 0.71.4).

mod fields;
mod key;
mod rules;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod tags;
mod view;

pub use fields::{TagFields, TagValue};
pub use key::TagKey;
pub use rules::{MAX_VALUE_UNITS, TagError};
pub use tags::{MAX_TAGS, Tags};
pub use view::{FromTag, Tag};
