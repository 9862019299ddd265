//! Functions as code of the test, and what such code works with.

mod batch;
mod progress;
mod registry;
mod run;
mod running;
mod steps;

pub use batch::RecordBatch;
pub use registry::ActionCall;
pub use run::SyncRun;

pub(crate) use progress::{Progress, RunIdentity};
pub(crate) use registry::{ActionOutcome, Code, SyncCode};
pub(crate) use running::Running;
pub(crate) use steps::{run_steps, run_webhook_steps};
