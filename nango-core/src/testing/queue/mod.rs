//! The contract of [`WorkQueue`](crate::WorkQueue), each guarantee as a function that is named after it.
//!
//! [`queue_suite!`](super::queue_suite) makes a test of each. The functions take an empty queue whose
//! claims hold for two seconds, and panic when it does not keep the guarantee.

mod claims;
mod dead;
mod events;
mod settle;
mod suite;

pub use claims::*;
pub use dead::*;
pub use events::{claim_all, claim_one, event, push_all};
pub use settle::*;
pub use suite::{Case, cases, queue_unreachable_is_retryable};
