//! An app that forbids lints which generated code would break.

#![deny(warnings)]
#![forbid(
    dead_code,
    deprecated,
    missing_debug_implementations,
    non_snake_case,
    private_interfaces,
    unnameable_types,
    unsafe_code,
)]

use nango_core::{TagError, TagMapper};

#[derive(Debug, TagMapper)]
pub struct User {
    #[deprecated]
    #[nango(id)]
    id: u64,
    #[nango(tag)]
    plan: Plan,
}

#[derive(Debug)]
struct Plan;

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pro")
    }
}

fn main() -> Result<(), TagError> {
    let _ = Plan;
    Ok(())
}
