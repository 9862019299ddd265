//! Tags, which say whose a connection is, and Nango's rules for them (observed on 0.71.4).

mod error;
mod fields;
mod key;
mod rules;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod tags;
mod value;
mod view;

pub use error::TagError;
pub use fields::TagFields;
pub use key::TagKey;
pub use rules::MAX_VALUE_UNITS;
pub use tags::{MAX_TAGS, Tags};
pub use value::TagValue;
pub use view::{FromTag, Tag};
