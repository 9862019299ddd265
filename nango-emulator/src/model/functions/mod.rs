//! Deployed functions, the state of syncs, and the records that syncs have saved.

mod counts;
mod error;
mod frequency;
mod function;
mod invocations;
mod position;
mod record;
mod records;
mod step;
mod syncs;
mod table;

pub use counts::Counts;
pub use error::FunctionError;

pub(crate) use counts::Results;
pub(crate) use frequency::{FREQUENCY, Frequency, is_frequency};
pub(crate) use function::{Deployment, Function, FunctionKind};
pub(crate) use invocations::{Invocation, Invocations};
pub(crate) use position::Position;
pub(crate) use record::{Record, external_id};
pub(crate) use records::{ChangeKind, RecordQuery, Records, model_key};
pub(crate) use step::Step;
pub(crate) use syncs::{Job, JobKind, SyncKey, SyncState, Syncs};
pub(crate) use table::Functions;
