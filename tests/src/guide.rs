//! The chapters of the guide, whose Rust blocks `cargo test --doc` compiles and runs.

/// Includes each chapter, as documentation of a type that only documentation tests see.
macro_rules! chapters {
    ($($chapter:literal $name:ident,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../docs/src/", $chapter))]
            pub struct $name;
        )*

        #[cfg(test)]
        const CHAPTERS: &[&str] = &[$($chapter),*];
    };
}

chapters! {
    "concepts.md" Concepts,
    "connect.md" Connect,
    "demo.md" Demo,
    "errors.md" Errors,
    "events.md" Events,
    "health.md" Health,
    "instances.md" Instances,
    "moving.md" Moving,
    "operations.md" Operations,
    "origins.md" Origins,
    "ownership.md" Ownership,
    "security.md" Security,
    "self-hosted.md" SelfHosted,
    "storage.md" Storage,
    "testing.md" Testing,
    "upgrades.md" Upgrades,
    "using.md" Using,
    "webhooks.md" Webhooks,
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::CHAPTERS;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    fn read(path: impl AsRef<Path>) -> String {
        let path = root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Returns the Rust files below a folder.
    fn sources(folder: PathBuf) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.flat_map(|path| if path.is_dir() { sources(path) } else { vec![path] });
        files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
    }

    #[test]
    fn every_chapter_is_compiled_and_in_the_table_of_contents() {
        let mut files: Vec<_> = std::fs::read_dir(root().join("docs/src"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
            .collect();
        files.sort();
        assert_eq!(files, CHAPTERS, "name each chapter in `chapters!`, in the order of the alphabet");
        let summary = read("docs/src/SUMMARY.md");
        for chapter in CHAPTERS {
            assert!(summary.contains(&format!("({chapter})")), "{chapter} is not in SUMMARY.md");
        }
    }

    /// Returns the lines of the Rust blocks that a reader sees.
    fn shown_code(text: &str) -> Vec<&str> {
        let blocks = text.split("\n```rust").skip(1).map(|rest| rest.split("\n```").next().unwrap());
        blocks.flat_map(|block| block.lines().skip(1).filter(|line| !line.starts_with("# "))).collect()
    }

    /// Returns the crates that a line of code names: the first part of its paths. An import has one.
    fn crates_of(line: &str) -> Vec<&str> {
        let code = line.split("//").next().unwrap();
        let most = if code.trim_start().starts_with("use ") { 1 } else { usize::MAX };
        let first = code.match_indices("::").take(most).filter_map(|(at, _)| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (rest, name) = code[..at].split_at(code[..at].rfind(|c| !is_name(c)).map_or(0, |at| at + 1));
            (!rest.ends_with([':', '.']) && name.starts_with(|c: char| c.is_ascii_lowercase()))
                .then_some(name)
        });
        first.filter(|name| !["std", "crate", "str"].contains(name)).collect()
    }

    /// Asserts that a text, or the one that it builds on, gives a version of each crate that its code uses.
    fn names_its_dependencies(name: &str, text: &str, base: &str) -> usize {
        let crates: Vec<_> = shown_code(text).into_iter().flat_map(crates_of).collect();
        for used in &crates {
            let is_given = |text: &str| {
                let versions = [format!("{} = ", used.replace('_', "-")), format!("{used} = ")];
                versions.iter().any(|version| {
                    text.split(version)
                        .skip(1)
                        .any(|rest| rest.starts_with('"') || rest.starts_with("{ version"))
                })
            };
            assert!(
                is_given(text) || is_given(base),
                "{name}: its code uses {used}, and no dependency is named"
            );
        }
        crates.len()
    }

    #[test]
    fn every_text_names_the_dependencies_of_its_code() {
        let connect = read("docs/src/connect.md");
        let mut found = names_its_dependencies("README.md", &read("README.md"), "");
        for chapter in CHAPTERS {
            found += names_its_dependencies(chapter, &read(format!("docs/src/{chapter}")), &connect);
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn the_readme_has_one_manifest_and_one_program() {
        let readme = read("README.md");
        assert_eq!(readme.matches("\n```toml\n[dependencies]\n").count(), 1);
        // Until the crates are published.
        assert_eq!(readme.matches("\n```toml\n[patch.crates-io]\n").count(), 1);
        assert_eq!(readme.matches("\n```toml").count(), 2);
        assert_eq!(readme.matches("\n```rust,no_run\n").count(), 1);
    }

    #[test]
    fn what_is_included_from_elsewhere_exists() {
        for chapter in CHAPTERS {
            let text = read(format!("docs/src/{chapter}"));
            for include in text.split("{{#include ").skip(1) {
                let include = include.split("}}").next().unwrap();
                // Without an anchor a whole file is included.
                let (file, anchor) =
                    include.split_once(':').map_or((include, None), |(file, anchor)| (file, Some(anchor)));
                let included = read(Path::new("docs/src").join(file));
                let Some(anchor) = anchor else { continue };
                let has = |word: &str| included.contains(&format!("{word}: {anchor} -->"));
                assert!(has("ANCHOR") && has("ANCHOR_END"), "{chapter}: {file} has no part {anchor}");
            }
        }
    }

    /// Returns the names of an enum's variants.
    fn variants(source: &str, name: &str) -> Vec<String> {
        let source = read(source);
        let body = source.split(&format!("pub enum {name} {{\n")).nth(1).unwrap();
        let body = body.split("\n}").next().unwrap().lines();
        let variants = body.filter_map(|line| {
            let line = line
                .strip_prefix("    ")
                .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))?;
            line.split(|c: char| !c.is_ascii_alphanumeric()).next()
        });
        variants.map(str::to_owned).collect()
    }

    /// Returns the texts in quotes of a part of a source that are words with underscores.
    fn quoted_words(source: &str, from: &str, to: &str) -> Vec<String> {
        let source = read(source);
        let part = source.split(from).nth(1).unwrap().split(to).next().unwrap();
        let is_word =
            |text: &&str| text.len() > 3 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        part.split('"').skip(1).step_by(2).filter(is_word).map(str::to_owned).collect()
    }

    #[test]
    fn every_code_and_kind_has_its_remedy() {
        let chapter = read("docs/src/errors.md");
        let codes = quoted_words("nango-core/src/routes/reply.rs", "fn describe(", "impl Error");
        let kinds = quoted_words("nango-core/src/report/failure.rs", "fn kind(", "\n    }\n}");
        let errors = variants("nango-core/src/error.rs", "ErrorKind");
        let configs = variants("nango-core/src/config.rs", "ConfigError");
        // What is read from the sources is not nothing.
        for (found, least) in [(&codes, 17), (&kinds, 20), (&errors, 15), (&configs, 10)] {
            assert!(found.len() >= least, "{found:?}");
        }
        let names = [codes, kinds, errors, configs].concat();
        for name in &names {
            assert!(chapter.contains(&format!("| `{name}` |")), "errors.md has no line for `{name}`");
        }
        for line in chapter.lines().filter_map(|line| line.strip_prefix("| `")) {
            let name = line.split('`').next().unwrap();
            assert!(
                names.iter().any(|known| known == name),
                "errors.md has a line for `{name}`, which is gone"
            );
        }
        let operations = read("docs/src/operations.md");
        for subject in quoted_words("nango-core/src/setup/report.rs", "impl SetupSubject", "impl Verdict") {
            assert!(operations.contains(&format!("`{subject}`")), "operations.md does not name `{subject}`");
        }
    }

    #[test]
    fn every_warning_has_its_remedy() {
        let chapter = read("docs/src/errors.md");
        let beginnings: Vec<_> = chapter
            .split("## Other warnings")
            .nth(1)
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
            .collect();
        let mut warnings = Vec::new();
        for source in ["core", "client", "sqlx", "nats"] {
            for file in sources(root().join(format!("nango-{source}/src"))) {
                let text = std::fs::read_to_string(&file).unwrap();
                for call in ["tracing::warn!(", "tracing::error!("] {
                    let lines = text.split(call).skip(1).map(|rest| rest.split('"').nth(1).unwrap());
                    // The text of a failure has a kind.
                    warnings.extend(lines.filter(|line| !line.starts_with('{')).map(str::to_owned));
                }
            }
        }
        for line in &warnings {
            let is_known = beginnings.iter().any(|beginning| line.starts_with(beginning));
            assert!(is_known, "errors.md has no line for {line:?}");
        }
        for beginning in beginnings.iter().skip(1) {
            let is_there = warnings.iter().any(|line| line.starts_with(beginning));
            assert!(is_there, "errors.md has a line for {beginning:?}, which is gone");
        }
        assert!(warnings.len() > 15, "{warnings:?}");
    }
}
