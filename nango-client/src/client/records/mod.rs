//! `/records`: what syncs have saved.

mod clock;
mod comparison;
mod cursor;
mod filter;
mod list;
mod page;
mod pages;
mod prune;
mod reader;
mod record;
mod row;
mod seen;
mod stream;

#[cfg(any(fuzzing, test))]
pub(super) use page::page_in;

pub use comparison::{Comparison, FullRead};
pub use cursor::Cursor;
pub use filter::RecordFilter;
pub use list::ListRecords;
pub use page::RecordPage;
pub use pages::RecordPages;
pub use prune::{PruneRecords, Pruned};
pub use reader::RecordReader;
pub use record::{Record, RecordAction, RecordData, RecordMetadata, UnreadableRecord};
pub use stream::RecordStream;
