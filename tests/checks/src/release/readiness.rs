//! What must be true of the texts and the manifests of a release.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::workspace::{list, text};

/// Names that no one can own (RFC 2606): a repository under them is a placeholder.
const RESERVED: [&str; 5] = ["example.com", "example.net", "example.org", ".example", ".invalid"];

/// Sentences of README.md that a release makes false.
const BEFORE_RELEASE: [&str; 2] = ["Nothing is published yet", "not published yet"];

/// Lists what stands in the way of a release of the crates with these manifests.
pub(crate) fn problems(manifests: &[&Value], changelog: &str, readmes: &[(&str, &str)]) -> Vec<String> {
    let version = manifests.first().map_or("", |manifest| text(&manifest["version"]));
    // All crates inherit them.
    let mut placeholders = BTreeSet::new();
    let mut found = Vec::new();
    for manifest in manifests {
        let name = text(&manifest["name"]);
        if manifest["version"] != version {
            found.push(format!("{name} has version {}, and others have {version}", manifest["version"]));
        }
        for field in ["repository", "homepage"] {
            let address = text(&manifest[field]);
            if address.is_empty() || RESERVED.iter().any(|reserved| host(address).ends_with(reserved)) {
                placeholders.insert(format!(
                    "`{field}` is a placeholder ({address}); set it in the workspace's Cargo.toml"
                ));
            }
        }
        for dependency in list(&manifest["dependencies"]) {
            let req = text(&dependency["req"]);
            let is_own = manifests.iter().any(|other| other["name"] == dependency["name"]);
            if is_own && req != "*" && req.trim_start_matches(['^', '=']) != version {
                found.push(format!(
                    "{name} depends on {} {req}, and not on {version}",
                    text(&dependency["name"])
                ));
            }
        }
    }
    found.extend(placeholders);
    let heading = format!("## {version} - ");
    let dated = changelog.lines().filter_map(|line| line.strip_prefix(&heading)).any(is_date);
    if !dated {
        found.push(format!("CHANGELOG.md has no section \"{heading}YYYY-MM-DD\""));
    }
    let unreleased =
        changelog.split("## Unreleased").nth(1).map(|rest| rest.split("\n## ").next().unwrap_or(rest));
    if unreleased.is_some_and(|rest| !rest.trim().is_empty()) {
        found.push("CHANGELOG.md has entries under \"Unreleased\"".to_owned());
    }
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    for (file, readme) in readmes {
        for sentence in BEFORE_RELEASE.iter().filter(|sentence| readme.contains(**sentence)) {
            found.push(format!("{file} says \"{sentence}\""));
        }
        for line in readme.lines().filter(|line| lists_another(line, manifests, minor)) {
            found.push(format!("{file} lists another version than {minor}: {line}"));
        }
    }
    found
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn is_date(text: &str) -> bool {
    let form: String =
        text.trim().chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
    form == "0000-00-00"
}

/// Returns whether a line of TOML has one of the crates in another version.
fn lists_another(line: &str, manifests: &[&Value], minor: &str) -> bool {
    let Some((name, value)) = line.split_once(" = ") else { return false };
    let version = value.trim_start_matches("{ version = ").trim_start_matches('"').split('"').next();
    let is_version = version.is_some_and(|version| version.starts_with(|char: char| char.is_ascii_digit()));
    is_version && version != Some(minor) && manifests.iter().any(|manifest| manifest["name"] == name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::problems;

    const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n- all of it\n";

    fn manifest(name: &str, version: &str) -> Value {
        json!({
            "name": name, "version": version, "repository": "https://forge.test/nango", "homepage": "https://forge.test/nango",
            "dependencies": [{ "name": "core", "req": format!("^{version}") }, { "name": "core", "req": "*" }, { "name": "serde", "req": "^1" }],
        })
    }

    fn found(change: impl FnOnce(&mut Value), changelog: &str, readme: &str) -> Vec<String> {
        let (core, mut axum) = (manifest("core", "0.2.0"), manifest("axum", "0.2.0"));
        change(&mut axum);
        problems(&[&core, &axum], changelog, &[("README.md", readme)])
    }

    #[test]
    fn a_release_that_is_ready_has_no_problem() {
        assert_eq!(found(|_| {}, CHANGELOG, "core = \"0.2\"\nserde = \"1\"\n"), Vec::<String>::new());
        assert_eq!(
            found(|_| {}, CHANGELOG, "core = { version = \"0.2\", features = [] }\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn versions_agree() {
        assert_eq!(found(|axum| axum["version"] = json!("0.1.0"), CHANGELOG, "").len(), 1);
        assert_eq!(found(|axum| axum["dependencies"][0]["req"] = json!("^0.1.0"), CHANGELOG, "").len(), 1);
        assert_eq!(found(|_| {}, CHANGELOG, "core = \"0.1\"\n").len(), 1);
        assert_eq!(found(|_| {}, CHANGELOG, "core = { version = \"0.1\" }\n").len(), 1);
    }

    #[test]
    fn a_placeholder_is_no_address() {
        for address in ["https://example.com/nango-rs", "https://nango.example/rs", ""] {
            assert_eq!(
                found(|axum| axum["repository"] = json!(address), CHANGELOG, "").len(),
                1,
                "{address}"
            );
        }
    }

    #[test]
    fn the_changelog_has_the_version_with_its_date_and_nothing_waits() {
        for changelog in ["", "## 0.2.0\n", "## 0.2.0 - soon\n", "## 0.1.0 - 2026-12-01\n"] {
            assert_eq!(found(|_| {}, changelog, "").len(), 1, "{changelog}");
        }
        let waiting = CHANGELOG.replace("## Unreleased\n", "## Unreleased\n\n- more\n");
        assert_eq!(found(|_| {}, &waiting, "").len(), 1);
    }

    #[test]
    fn the_readme_does_not_speak_of_the_time_before() {
        assert_eq!(found(|_| {}, CHANGELOG, "Nothing is published yet.").len(), 1);
    }
}
