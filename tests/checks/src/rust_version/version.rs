//! Versions of Rust.

use std::fmt;
use std::str::FromStr;

/// A version as `rust-version` has it. A patch that is missing is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RustVersion(pub(crate) u64, pub(crate) u64, pub(crate) u64);

impl FromStr for RustVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        match parts.as_deref() {
            Ok([major, minor]) => Ok(Self(*major, *minor, 0)),
            Ok([major, minor, patch]) => Ok(Self(*major, *minor, *patch)),
            _ => Err(format!("{text:?} is not a version of Rust")),
        }
    }
}

impl fmt::Display for RustVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            _ => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}
