//! The order in which crates can be uploaded: a registry refuses one whose dependencies it does not have.

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::workspace::{list, text};

/// Returns the names of the packages, each behind those that it depends on with a version. Those without one, of tests, are
/// not in the uploaded manifest.
pub(crate) fn order(manifests: &[&Value]) -> Result<Vec<String>> {
    let mut waiting: Vec<&Value> = manifests.to_vec();
    let mut ordered: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let is_wanted = |dependency: &Value| {
            let is_waiting = waiting.iter().any(|other| other["name"] == dependency["name"]);
            is_waiting && !(dependency["kind"] == "dev" && text(&dependency["req"]) == "*")
        };
        let (ready, rest): (Vec<&Value>, Vec<&Value>) =
            waiting.iter().copied().partition(|manifest| !list(&manifest["dependencies"]).any(is_wanted));
        if ready.is_empty() {
            return Err(Failure::new("published crates depend on each other in a circle"));
        }
        ordered.extend(ready.iter().map(|manifest| text(&manifest["name"]).to_owned()));
        waiting = rest;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::order;

    fn manifest(name: &str, dependencies: &[(&str, &str, Option<&str>)]) -> Value {
        let of = |(name, req, kind): &(&str, &str, Option<&str>)| json!({ "name": name, "req": req, "kind": kind });
        json!({ "name": name, "dependencies": dependencies.iter().map(of).collect::<Vec<_>>() })
    }

    #[test]
    fn dependencies_are_first_and_versions_of_tests_count() {
        let top = manifest("top", &[("core", "^1", None), ("emulator", "^1", Some("dev"))]);
        let core = manifest("core", &[("derive", "=1", None), ("serde", "^1", None)]);
        let derive = manifest("derive", &[("core", "*", Some("dev"))]);
        let emulator = manifest("emulator", &[]);
        assert_eq!(order(&[&top, &core, &derive, &emulator]).unwrap(), ["derive", "emulator", "core", "top"]);
    }

    #[test]
    fn a_circle_is_an_error() {
        let (a, b) = (manifest("a", &[("b", "^1", None)]), manifest("b", &[("a", "^1", None)]));
        assert!(order(&[&a, &b]).is_err());
    }
}
