//! What the derive accepts, and what it says when it refuses: see `tests/` and `cases/`.
//!
//! What is compiled here is clean for a strict author, under `cargo build` and `cargo clippy`.

#![deny(warnings)]
#![deny(clippy::all, clippy::pedantic)]
#![deny(future_incompatible, let_underscore, nonstandard_style, rust_2018_idioms, unused)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![forbid(unsafe_code)]

pub mod lints;
