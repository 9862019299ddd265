//! Contract suites: run them on what you implement yourself.
//!
//! They are test code. What they find, they say by panicking.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code in a library")]

pub mod adapter;
pub mod queue;
pub mod store;

mod suite;

pub use suite::{Case, Fixture};

pub use crate::__adapter_suite as adapter_suite;
#[doc(inline)]
pub use crate::__queue_suite as queue_suite;
#[doc(inline)]
pub use crate::__store_suite as store_suite;
