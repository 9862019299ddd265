//! The result type of the whole program.

use std::error::Error;

/// The result of anything that ends the run when it fails.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;
