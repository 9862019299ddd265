//! Apps outside this workspace, which depend on an adapter and on nothing else of ours: what they
//! compile is the example of the adapter's documentation, with the dependencies that stand above it.
//!
//! Inside the workspace, another member turns on what such an app lacks.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod project;

use project::{Adapter, Project};

const AXUM: Adapter = Adapter { name: "nango-axum", docs: include_str!("../../../../nango-axum/README.md") };
const ACTIX: Adapter =
    Adapter { name: "nango-actix", docs: include_str!("../../../../nango-actix/README.md") };

/// What every app needs to reach Nango.
const TLS: &str = "rustls";

#[test]
fn the_example_of_nango_axum_needs_nothing_else() {
    let project = Project::new("axum", &AXUM, &AXUM.dependencies(), &AXUM.example());
    assert_eq!(project.check(), "");
    assert!(project.depends_on(TLS, &[]));
}

#[test]
fn the_example_of_nango_actix_needs_nothing_else() {
    // The framework's default features, without which the example compiles, pull crates that nothing here uses.
    let default = "actix-web = \"4\"\n";
    let fewer = "actix-web = { version = \"4\", default-features = false, features = [\"macros\"] }\n";
    let dependencies = ACTIX.dependencies();
    assert!(dependencies.contains(default), "{dependencies}");
    let project = Project::new("actix", &ACTIX, &dependencies.replace(default, fewer), &ACTIX.example());
    assert_eq!(project.check(), "");
    assert!(project.depends_on(TLS, &[]));
}

/// Types of another version are other types with the same names: the error says which version is meant.
#[test]
fn another_version_of_axum_is_named() {
    let dependencies = AXUM.dependencies().replace("axum = \"0.8\"\n", "axum = \"0.7\"\n");
    let mut project = Project::new("axum-0.7", &AXUM, &dependencies, &AXUM.example());
    project.patch("axum", "axum-0.7");
    project.assert_says("axum-0.7.stderr");
}

#[test]
fn another_version_of_actix_is_named() {
    let dependencies = "[dependencies]\nactix-web = \"3\"\nnango-actix = \"0.1\"\n";
    let mut project = Project::new("actix-web-3", &ACTIX, dependencies, include_str!("actix_web_3.rs"));
    project.patch("actix-web", "actix-web-3");
    project.assert_says("actix-web-3.stderr");
}

#[test]
fn features_of_an_adapter_are_those_of_the_core() {
    for adapter in [AXUM, ACTIX] {
        let name = adapter.name;
        let dependencies =
            format!("[dependencies]\n{name} = {{ version = \"0.1\", default-features = false }}\n");
        let project = Project::new(&format!("{name}-features"), &adapter, &dependencies, "fn main() {}\n");
        for (feature, pulled) in [
            ("derive", "nango-derive"),
            ("metrics", "metrics"),
            ("native-tls", "native-tls"),
            ("openapi", "utoipa"),
            ("rustls", TLS),
        ] {
            let feature = format!("{name}/{feature}");
            assert!(!project.depends_on(pulled, &[]), "{pulled} without {feature}");
            assert!(project.depends_on(pulled, &["--features", &feature]), "{pulled} with {feature}");
        }
    }
}
