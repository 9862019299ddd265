//! Work of the C library alone, by which a machine with another one shows.

use std::hint::black_box;

/// Returns texts of the lengths that the other benchmarks allocate, copy and compare.
#[must_use]
pub fn texts() -> Vec<String> {
    (0..64).map(|number| "x".repeat(8 + 4 * number)).collect()
}

/// Allocates, copies, compares and frees each text. Returns the number of equal ones.
#[must_use]
pub fn copy_and_compare(texts: &[String]) -> usize {
    texts.iter().filter(|text| black_box((*text).clone()) == **black_box(text)).count()
}
