//! Compares the expansion with files under `snapshots/`.
//!
//! `BLESS=1 cargo test -p nango-derive` overwrites them. Read them before you commit them: users
//! compile this code.

use std::path::Path;
use std::{env, fs};

use syn::{DeriveInput, Item};

use crate::expansion;
use crate::model::Target;
use crate::self_type;

#[test]
fn user() {
    check("user", Target::Entity);
}

#[test]
fn generic() {
    check("generic", Target::Entity);
}

#[test]
fn part() {
    check("part", Target::Part);
}

/// No `Self` is left in the view and in the check of the keys, where it would be another type.
#[test]
fn self_type() {
    check("self_type", Target::Entity);
}

/// The suggested kind is the name of the table.
#[test]
fn model() {
    check("model", Target::Entity);
}

/// The fallback implements every trait, so that an editor still completes on the struct.
#[test]
fn mistakes() {
    check("mistakes", Target::Entity);
}

fn check(name: &str, target: Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let input = fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
    let Some(Item::Struct(item)) = syn::parse_file(&input).unwrap().items.pop() else {
        panic!("{name}.rs is not a struct");
    };
    let original = DeriveInput::from(item);
    let expanded = expansion(target, &self_type::replace(original.clone()), &original);
    let expanded = prettyplease::unparse(&syn::parse2(expanded).unwrap());
    let path = folder.join(format!("{name}.expanded.rs"));
    if env::var_os("BLESS").is_some() {
        fs::write(path, expanded).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == expanded,
        "the expansion of {name}.rs has changed; `BLESS=1` accepts this:\n{expanded}"
    );
}
