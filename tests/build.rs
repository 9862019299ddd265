//! Says which services the tests can reach, so that a test without its service is listed as ignored, not as passed. The
//! quickstarts are built with this file, too.

fn main() {
    const REQUIRED: &str = "NANGO_TEST_REQUIRE_SERVICES";

    println!("cargo::rerun-if-env-changed={REQUIRED}");
    for (service, url) in [
        ("mysql", "NANGO_TEST_MYSQL_URL"),
        ("nats", "NANGO_TEST_NATS_URL"),
        ("pgbouncer", "NANGO_TEST_PGBOUNCER"),
        ("postgres", "NANGO_TEST_POSTGRES_URL"),
    ] {
        println!("cargo::rustc-check-cfg=cfg(with_{service})");
        println!("cargo::rerun-if-env-changed={url}");
        // Where services are required, a test without its own runs and fails.
        if [url, REQUIRED].iter().any(|name| std::env::var_os(name).is_some()) {
            println!("cargo::rustc-cfg=with_{service}");
        }
    }
}
