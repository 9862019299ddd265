//! The files for containers, as far as they can be checked without Docker.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use app_template::Config;
use serde_json::Value;

/// Read by the program itself, and not part of the configuration.
const OTHERS: [&str; 1] = ["RUST_LOG"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn compose() -> Value {
    serde_saphyr::from_str(&read("compose.yaml")).unwrap()
}

/// Returns the variables that the app reads, whatever they are.
fn variables() -> BTreeSet<String> {
    let names = RefCell::new(OTHERS.map(str::to_owned).into_iter().collect::<BTreeSet<_>>());
    let _ = Config::read(|name| {
        names.borrow_mut().insert(name.to_owned());
        None
    });
    names.into_inner()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// Returns the variables that `.env.example` describes: each stands below a comment, or in one.
fn described() -> BTreeSet<String> {
    let name = |line: &str| line.trim_start_matches("# ").split_once('=').map(|(name, _)| name.to_owned());
    let is_name = |name: &String| name.chars().all(|char| char.is_ascii_uppercase() || char == '_');
    read(".env.example").lines().filter_map(name).filter(is_name).collect()
}

#[test]
fn compose_sets_every_variable_of_the_app_and_no_other() {
    let set = keys(&compose()["services"]["app"]["environment"]);
    assert_eq!(set, variables());
    assert!(set.len() > 10);
}

#[test]
fn every_variable_is_described() {
    let described = described();
    // Those of compose alone.
    for (at, _) in read("compose.yaml").match_indices("${") {
        let text = read("compose.yaml")[at + 2..].to_owned();
        let name = text.split([':', '}']).next().unwrap().to_owned();
        assert!(described.contains(&name), "{name} is not in .env.example");
    }
    for name in variables() {
        assert!(described.contains(&name), "{name} is not in .env.example");
    }
}

#[test]
fn services_wait_for_services_and_keep_their_data() {
    let compose = compose();
    let services = keys(&compose["services"]);
    for (name, service) in compose["services"].as_object().unwrap() {
        for needed in service.get("depends_on").map(keys).unwrap_or_default() {
            let condition = &service["depends_on"][&needed]["condition"];
            let has_check = compose["services"][&needed].get("healthcheck").is_some();
            assert!(services.contains(&needed), "{name} waits for {needed}");
            assert_eq!(has_check, condition == "service_healthy", "{name} waits for {needed}");
        }
        for volume in service.get("volumes").and_then(Value::as_array).into_iter().flatten() {
            let volume = volume.as_str().unwrap().split(':').next().unwrap();
            assert!(keys(&compose["volumes"]).contains(volume), "{name} has {volume}");
        }
    }
}

#[test]
fn the_app_and_nango_agree_on_addresses() {
    let services = &compose()["services"];
    let (app, nango) = (&services["app"]["environment"], &services["nango"]["environment"]);
    for name in ["NANGO_PUBLIC_SERVER_URL", "NANGO_PUBLIC_CONNECT_URL"] {
        assert_eq!(app[name], nango[name]);
    }
    let port = |name: &str| nango[name].to_string();
    assert_eq!(app["NANGO_HOST"], format!("http://nango:{}", port("SERVER_PORT")));
    let ports = services["nango"]["ports"].to_string();
    for name in ["SERVER_PORT", "NANGO_CONNECT_UI_PORT"] {
        assert!(ports.contains(&format!("\"{0}:{0}\"", port(name))), "{name}");
    }
    let listen = app["LISTEN"].as_str().unwrap();
    assert!(read("Dockerfile").contains(&format!("ENV LISTEN={listen}\n")));
}

#[test]
fn the_image_is_built_from_files_that_exist_and_runs_without_rights() {
    let dockerfile = read("Dockerfile");
    let mut copied = 0;
    for line in dockerfile.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        let (_, sources) = words.split_last().unwrap();
        // A pattern may match nothing: the lock file is there after the first build.
        for source in sources.iter().filter(|source| !source.ends_with('*')) {
            assert!(path(source).exists(), "{source}");
            copied += 1;
        }
    }
    assert!(copied > 3);
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    assert!(dockerfile.contains(&format!("FROM rust:{}-", version.trim_matches('"'))));
    let last = dockerfile.rsplit("FROM ").next().unwrap();
    assert!(last.contains("\nUSER 10001:10001\n") && last.contains("CMD [\"app\", \"healthcheck\"]"));
    assert!(last.contains("ENTRYPOINT [\"app\"]") && manifest.contains("name = \"app\""));
}

#[test]
fn the_sources_are_copied_whole() {
    // What the program includes at compile time has to be in the image's first stage.
    for name in ["src/database.rs", "src/pages.rs"] {
        for part in read(name).split("include_str!(\"../").skip(1) {
            let folder = part.split('/').next().unwrap();
            assert!(read("Dockerfile").contains(&format!("COPY {folder} {folder}\n")), "{folder}");
        }
    }
}
