//! Crates made for one rule each.

use std::fs;

use super::rooms;
use super::run::findings;
use crate::modules::load;

const ROOMS: &str = "```rooms made\ntop: uses all\nleft, right: two beside each other\n  that share a line\nground: used by all\n```\n";

/// Checks a crate of the given files.
fn check(files: &[(&str, &str)], rooms_of: Option<&str>) -> String {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let rooms = rooms_of.map(|text| rooms::parse(text).unwrap().remove("made").unwrap());
    let found = load(&dir.path().join("lib.rs")).unwrap();
    findings(&found, rooms.as_ref(), &|path| path.strip_prefix(dir.path()).unwrap().display().to_string())
}

#[test]
fn siblings_that_import_each_other_are_a_circle() {
    let text = check(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B;\npub struct A(B);"),
            ("b.rs", "pub struct B;\nfn f(_: super::c::C) {}"),
            ("c.rs", "pub struct C;\nfn f() { log!(x, crate::a::A) }"),
        ],
        None,
    );
    let wanted = "  circle in crate, 3 parts: a, b, c\n    \
                  a -> b  a.rs:1  crate::b::B  (2 uses)\n    \
                  b -> c  b.rs:2  super::c::C  (1 uses)\n    \
                  c -> a  c.rs:2  crate::a::A  (1 uses)\n";
    assert_eq!(text, wanted);
}

#[test]
fn a_circle_in_a_folder_is_found_at_its_level_alone() {
    let text = check(
        &[
            ("lib.rs", "mod folder;"),
            ("folder/mod.rs", "mod a;\nmod b;"),
            ("folder/a.rs", "use super::b;\nfn f(_: b::B) {}"),
            ("folder/b/mod.rs", "mod deep; pub struct B;"),
            ("folder/b/deep.rs", "use super::super::a::*;"),
        ],
        None,
    );
    assert!(text.starts_with("  circle in crate::folder, 2 parts: a, b\n"), "{text}");
    assert_eq!(text.matches("circle").count(), 1, "{text}");
}

#[test]
fn a_reexport_leads_to_the_module_that_defines_the_item() {
    let through = |item: &str| {
        check(
            &[
                ("lib.rs", "mod a; mod b; pub use b::*;"),
                ("a.rs", &format!("use crate::{item};")),
                (
                    "b/mod.rs",
                    "mod one; mod two; pub(crate) use one::{One as Renamed}; pub use self::two::Two;",
                ),
                ("b/one.rs", "pub struct One;"),
                ("b/two.rs", "use crate::a::X; pub struct Two;"),
            ],
            None,
        )
    };
    assert!(through("Renamed").contains("a -> b  a.rs:1  crate::Renamed"), "{}", through("Renamed"));
    let inside = check(
        &[
            ("lib.rs", "mod b;"),
            ("b/mod.rs", "mod one; mod two; pub use one::One; pub use two::Two;"),
            ("b/one.rs", "use super::Two; pub struct One;"),
            ("b/two.rs", "use crate::b::One; pub struct Two;"),
        ],
        None,
    );
    assert!(inside.contains("one -> two  b/one.rs:1  super::Two"), "{inside}");
    assert!(!inside.contains("mod.rs"), "{inside}");
}

#[test]
fn a_folders_file_and_its_child_that_import_each_other_are_a_circle() {
    let text = check(
        &[
            ("lib.rs", "mod folder;"),
            ("folder/mod.rs", "mod a; pub use a::A; pub struct Own(A);"),
            ("folder/a.rs", "use super::*; pub struct A; fn f(_: Own) {}"),
        ],
        None,
    );
    let wanted = "  circle in crate::folder, 2 parts: mod.rs, a\n    \
                  mod.rs -> a  folder/mod.rs:1  A  (1 uses)\n    \
                  a -> mod.rs  folder/a.rs:1  Own  (1 uses)\n";
    assert_eq!(text, wanted);
}

#[test]
fn the_root_file_counts_as_a_folders() {
    let text =
        check(&[("lib.rs", "mod a; pub struct Root(a::A);"), ("a.rs", "fn f(_: crate::Root) {}")], None);
    assert!(text.starts_with("  circle in crate, 2 parts: lib.rs, a\n"), "{text}");
}

#[test]
fn imports_of_tests_alone_are_not_a_circle() {
    let text = check(
        &[
            ("lib.rs", "mod a; mod b; #[cfg(all(test, unix))] mod tests;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            (
                "b.rs",
                "pub struct B; #[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] use crate::a::A;",
            ),
        ],
        None,
    );
    assert_eq!(text, "");
}

#[test]
fn a_feature_does_not_excuse_a_circle() {
    let text = check(
        &[
            ("lib.rs", "mod a; #[cfg(feature = \"b\")] #[path = \"other/b.rs\"] mod b;"),
            ("a.rs", "#[cfg(feature = \"b\")] use crate::b::B; pub struct A;"),
            ("other/b.rs", "pub struct B; use crate::a::A;"),
        ],
        None,
    );
    assert!(text.contains("b -> a  other/b.rs:1"), "{text}");
}

/// A crate that keeps to its rooms, with one file replaced.
fn with(name: &str, replacement: &str) -> String {
    let mut files = vec![
        ("lib.rs", "mod top; mod left; mod right; mod ground; pub use top::Top;"),
        ("top.rs", "use crate::{left::Left, right::Right, ground::Ground}; pub struct Top;"),
        ("left.rs", "use crate::ground::Ground; pub struct Left;"),
        ("right.rs", "pub struct Right;"),
        ("ground.rs", "pub struct Ground; use std::fmt; mod inner { pub struct I; } fn f(_: inner::I) {}"),
    ];
    files.retain(|(file, _)| *file != name);
    files.push((name, replacement));
    check(&files, Some(ROOMS))
}

#[test]
fn a_crate_that_keeps_to_its_rooms_is_clean() {
    assert_eq!(with("right.rs", "pub struct Right;"), "");
}

#[test]
fn an_import_of_a_room_above_or_beside_runs_up() {
    let up = with("right.rs", "pub struct Right; use crate::left::Left;");
    let wanted = "  an import runs up: `left` does not stand below `right` in ARCHITECTURE.md\n    \
                  right -> left  right.rs:1  crate::left::Left  (1 uses)\n";
    assert_eq!(up, wanted);
    let up = with("lib.rs", "mod top; mod left; mod right; mod ground; pub struct Root;");
    assert_eq!(up, "");
    let up = with("right.rs", "use crate::Made; pub struct Right;");
    assert!(up.contains("an import runs up: `lib.rs` does not stand below `right`"), "{up}");
}

#[test]
fn modules_and_rooms_are_the_same() {
    let text = with("lib.rs", "mod top; mod left; mod right; mod ground; mod ground2 { }");
    assert_eq!(text, "");
    let text =
        with("lib.rs", "mod top; mod left; #[path = \"right.rs\"] mod other; mod ground; use top::Top;");
    assert!(text.contains("the module `other` is not a room in ARCHITECTURE.md"), "{text}");
    assert!(text.contains("the room `right` of ARCHITECTURE.md is not a module"), "{text}");
}

#[test]
fn a_block_names_each_room_once_and_with_a_purpose() {
    assert!(rooms::parse("```rooms a\none: x\none: y\n```").unwrap_err().contains("line 3"));
    assert!(rooms::parse("```rooms a\none\n```").unwrap_err().contains("line 2"));
    assert!(rooms::parse("```rooms a\n```\n```rooms a\n```").unwrap_err().contains("line 3"));
    assert!(rooms::parse("```text\none\n```\n").unwrap().is_empty());
}
