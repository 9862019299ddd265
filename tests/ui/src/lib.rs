//! The inputs that the derive accepts and refuses, with its errors: see `tests/` and `cases/`.
//!
//! The code compiled here gives no warning under strict lints, in `cargo build` and `cargo clippy`.

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
