//! Says which services the tests can reach, so that a test without its service is listed as ignored, not as passed. The
//! quickstarts are built with this file, too: they reach only what their features name.

fn main() {
    const REQUIRED: &str = "NANGO_TEST_REQUIRE_SERVICES";

    let is_set = |name: &str| std::env::var_os(name).is_some();
    let has_features = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name.starts_with("quickstart"));
    println!("cargo::rerun-if-env-changed={REQUIRED}");
    for (service, url, feature) in [
        ("mysql", "NANGO_TEST_MYSQL_URL", "MYSQL"),
        ("nats", "NANGO_TEST_NATS_URL", "NATS"),
        ("pgbouncer", "NANGO_TEST_PGBOUNCER", "POSTGRES"),
        ("postgres", "NANGO_TEST_POSTGRES_URL", "POSTGRES"),
    ] {
        println!("cargo::rustc-check-cfg=cfg(with_{service})");
        println!("cargo::rerun-if-env-changed={url}");
        let is_built = !has_features || is_set(&format!("CARGO_FEATURE_{feature}"));
        // Where services are required, a test without its own runs and fails.
        if is_set(REQUIRED) || (is_set(url) && is_built) {
            println!("cargo::rustc-cfg=with_{service}");
        }
    }
}
