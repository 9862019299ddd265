//! Lists the tests of the app as ignored, and not as passed, where there is no PostgreSQL for them.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(with_postgres)");
    for variable in ["NANGO_TEST_POSTGRES_URL", "NANGO_TEST_REQUIRE_SERVICES"] {
        println!("cargo::rerun-if-env-changed={variable}");
        if std::env::var_os(variable).is_some() {
            println!("cargo::rustc-cfg=with_postgres");
        }
    }
}
