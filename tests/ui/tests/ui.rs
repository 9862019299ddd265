//! Compiles every file under `cases`. Those in `pass` compile and run; of the others, each has the compiler's whole
//! answer beside it in a `.stderr` file, written by the toolchain that `rust-toolchain.toml` names.
//!
//! `TRYBUILD=overwrite cargo test -p nango-ui-tests` writes the answers anew. Read them before you commit them: they
//! are what a user gets to see.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*.rs");
    for topic in [
        "bound",
        "container",
        "flatten",
        "id",
        "key",
        "part",
        "sensitive",
        "several",
        "shape",
        "tag",
        "view",
        "word",
    ] {
        cases.compile_fail(format!("cases/{topic}/*.rs"));
    }
}
