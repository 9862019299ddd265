//! The fields of a manifest that crates.io and docs.rs show, or build by.

use serde_json::{Value, json};

use crate::failure::{Result, read};
use crate::workspace::{Package, list, text};

/// Fields with a text that no check below names.
const TEXTS: [&str; 5] = ["description", "homepage", "license", "repository", "rust_version"];

/// The limits of crates.io.
const MOST_WORDS: usize = 5;
const LONGEST_KEYWORD: usize = 20;

/// Lines of a library: docs.rs shows the features that an item needs, and clippy demands `# Errors`. The latter is not among the
/// workspace's lints, since examples are no API.
const LINES: [&str; 2] = ["#![cfg_attr(docsrs, feature(doc_cfg))]", "#![warn(clippy::missing_errors_doc)]"];

/// Lists what is wrong with a package's manifest, and with the first lines of its library.
pub(crate) fn problems(package: &Package) -> Result<Vec<String>> {
    let manifest = &package.manifest;
    let mut found = of_manifest(&package.name, manifest);
    let is_macro =
        list(&manifest["targets"]).any(|target| list(&target["kind"]).any(|kind| kind == "proc-macro"));
    if package.has_library && !is_macro {
        for root in package.roots.iter().take(1) {
            let source = read(root)?;
            let missing = LINES.iter().filter(|wanted| !source.lines().any(|line| line == **wanted));
            found.extend(missing.map(|line| format!("{} lacks the line {line}", root.display())));
        }
    }
    Ok(found)
}

fn of_manifest(name: &str, manifest: &Value) -> Vec<String> {
    let mut found: Vec<String> = TEXTS
        .iter()
        .filter(|field| text(&manifest[**field]).is_empty())
        .map(|field| format!("`{field}` is missing"))
        .collect();
    let mut expect = |field: &str, is: &Value, wanted: Value| {
        if *is != wanted {
            found.push(format!("`{field}` is {is}, and should be {wanted}"));
        }
    };
    expect("readme", &manifest["readme"], json!("README.md"));
    expect("documentation", &manifest["documentation"], json!(format!("https://docs.rs/{name}")));
    let docs = &manifest["metadata"]["docs"]["rs"];
    expect("package.metadata.docs.rs.all-features", &docs["all-features"], json!(true));
    expect("package.metadata.docs.rs.rustdoc-args", &docs["rustdoc-args"], json!(["--cfg", "docsrs"]));
    for field in ["categories", "keywords"] {
        let words: Vec<&str> = list(&manifest[field]).map(text).collect();
        if words.is_empty() || words.len() > MOST_WORDS {
            found.push(format!(
                "`{field}` has {} entries, and crates.io takes 1 to {MOST_WORDS}",
                words.len()
            ));
        }
        let too_long = |word: &&&str| field == "keywords" && word.len() > LONGEST_KEYWORD;
        found.extend(
            words
                .iter()
                .filter(too_long)
                .map(|word| format!("the keyword {word} is longer than {LONGEST_KEYWORD}")),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of_manifest;

    fn complete() -> Value {
        json!({
            "description": "made", "homepage": "https://a.example", "license": "MIT", "repository": "https://a.example",
            "rust_version": "1.94", "readme": "README.md", "documentation": "https://docs.rs/made",
            "keywords": ["made"], "categories": ["authentication"],
            "metadata": { "docs": { "rs": { "all-features": true, "rustdoc-args": ["--cfg", "docsrs"] } } },
        })
    }

    #[test]
    fn a_complete_manifest_has_no_problem() {
        assert!(of_manifest("made", &complete()).is_empty());
    }

    #[test]
    fn each_missing_field_is_named() {
        for field in complete().as_object().unwrap().keys() {
            let mut manifest = complete();
            manifest[field] = Value::Null;
            let found = of_manifest("made", &manifest);
            assert_eq!(found.len(), if field == "metadata" { 2 } else { 1 }, "{field}: {found:?}");
        }
    }

    #[test]
    fn keywords_have_the_limits_of_the_registry() {
        let mut manifest = complete();
        manifest["keywords"] = json!(["a", "b", "c", "d", "e", "a-keyword-that-is-too-long"]);
        assert_eq!(of_manifest("made", &manifest).len(), 2);
    }
}
