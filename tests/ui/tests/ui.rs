//! Compiles every file under `cases`. Those in `pass` compile and run; each of the others has the
//! output of the compiler beside it in a `.stderr` file, written by the toolchain that
//! `rust-toolchain.toml` names.
//!
//! `TRYBUILD=overwrite cargo test -p nango-ui-tests` overwrites those files. Read them before you
//! commit them: they are the texts that users see.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*.rs");
    for topic in [
        "adapter", "attribute", "bound", "container", "flatten", "id", "key", "owner", "part", "sensitive",
        "several", "shape", "tag", "view",
    ] {
        cases.compile_fail(format!("cases/{topic}/*.rs"));
    }
}
