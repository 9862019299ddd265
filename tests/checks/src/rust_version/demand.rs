//! What dependencies need.

use std::collections::BTreeMap;

use serde_json::Value;

use super::version::RustVersion;
use crate::failure::{Failure, Result};
use crate::workspace::{list, text};

/// A package that names the compiler that it needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) version: RustVersion,
    pub(crate) name: String,
}

/// Returns the highest demand among the normal and the build dependencies of a package, direct and
/// indirect ones, on all platforms, with all features. Members of the workspace are left out: theirs is what is asked for.
///
/// `metadata` is that of `cargo metadata` with dependencies.
pub(crate) fn highest(metadata: &Value, package: &str) -> Result<Option<Demand>> {
    let by_id = |values: &'static str, of: &Value| -> BTreeMap<String, Value> {
        list(&of[values]).map(|value| (text(&value["id"]).to_owned(), value.clone())).collect()
    };
    let packages = by_id("packages", metadata);
    let nodes = by_id("nodes", &metadata["resolve"]);
    let root = packages.iter().find(|(_, found)| found["name"] == package && found["source"].is_null());
    let (root, _) = root.ok_or_else(|| Failure::new(format!("{package}: not in cargo's metadata")))?;

    let mut seen: Vec<&str> = vec![root.as_str()];
    let mut highest: Option<Demand> = None;
    let mut at = 0;
    while let Some(id) = seen.get(at).copied() {
        at += 1;
        let found = &packages[id];
        if let (false, Some(version)) = (found["source"].is_null(), found["rust_version"].as_str()) {
            let version = version.parse().map_err(Failure::new)?;
            if highest.as_ref().is_none_or(|highest| version > highest.version) {
                let name = format!("{} {}", text(&found["name"]), text(&found["version"]));
                highest = Some(Demand { version, name });
            }
        }
        for dependency in list(&nodes[id]["deps"]) {
            // Those of tests are not what an app builds.
            let is_built =
                list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null() || kind["kind"] == "build");
            let id = text(&dependency["pkg"]);
            if is_built && !seen.contains(&id) {
                seen.push(id);
            }
        }
    }
    Ok(highest)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::highest;

    fn package(name: &str, version: Option<&str>, is_own: bool) -> Value {
        let source = if is_own { Value::Null } else { json!("registry") };
        json!({ "id": name, "name": name, "version": "1.0.0", "rust_version": version, "source": source })
    }

    fn node(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let of =
            |(name, kind): &(&str, Option<&str>)| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        json!({ "id": name, "deps": dependencies.iter().map(of).collect::<Vec<_>>() })
    }

    #[test]
    fn indirect_and_build_dependencies_count_and_those_of_tests_do_not() {
        let metadata = json!({
            "packages": [
                package("own", Some("1.99"), true), package("direct", None, false), package("indirect", Some("1.88"), false),
                package("built", Some("1.88.1"), false), package("tested", Some("1.90"), false), package("apart", Some("1.91"), false),
            ],
            "resolve": { "nodes": [
                node("own", &[("direct", None), ("tested", Some("dev"))]), node("direct", &[("indirect", None), ("built", Some("build"))]),
                node("indirect", &[]), node("built", &[]), node("tested", &[]), node("apart", &[]),
            ] },
        });
        let found = highest(&metadata, "own").unwrap().unwrap();
        assert_eq!((found.version.to_string(), found.name.as_str()), ("1.88.1".to_owned(), "built 1.0.0"));
        assert_eq!(highest(&metadata, "apart").ok(), None);
    }
}
