//! Walks a crate's public items for the types and traits of other crates.
//!
//! rustdoc leaves out what is private or hidden, so every item of its index is public.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::workspace::{list, text};

/// Crates whose types may stand in every public signature, besides those of this workspace.
const COMMON: [&str; 5] = ["alloc", "bytes", "core", "http", "std"];

/// Crates whose traits may stand in bounds, but no type.
const TRAITS_ONLY: [&str; 2] = ["serde", "serde_core"];

/// A foreign type in a public signature.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leak {
    pub(crate) place: String,
    pub(crate) item: String,
    pub(crate) foreign: String,
}

/// Lists the foreign types of a crate that are not allowed, by its JSON.
pub(crate) fn leaks(docs: &Value, allowed: &[&str]) -> BTreeSet<Leak> {
    let walk = Walk { docs, allowed, owners: owners(docs) };
    let index = docs["index"].as_object().into_iter().flatten();
    let own = index.filter(|(_, item)| item["crate_id"] == 0);
    own.flat_map(|(id, item)| walk.leaks_of(id, item)).collect()
}

struct Walk<'a> {
    docs: &'a Value,
    allowed: &'a [&'a str],
    owners: BTreeMap<String, Owner<'a>>,
}

/// The item that holds another one.
#[derive(Clone, Copy)]
struct Owner<'a> {
    name: &'a str,
    is_trait_impl: bool,
}

impl Walk<'_> {
    fn leaks_of(&self, id: &str, item: &Value) -> Vec<Leak> {
        let Some((kind, inner)) = item["inner"].as_object().and_then(|inner| inner.iter().next()) else {
            return Vec::new();
        };
        let owner = self.owners.get(id);
        let mut foreign = BTreeSet::new();
        match kind.as_str() {
            // A type may implement any trait. The parameters of a trait are part of the API:
            // `From<Foreign>`.
            "impl" if inner["is_synthetic"] == true || !inner["blanket_impl"].is_null() => {}
            "impl" if !inner["trait"].is_null() => self.walk(&inner["trait"]["args"], &mut foreign),
            // The trait fixes the signatures of methods. Associated types are the implementation's.
            "function" if owner.is_some_and(|owner| owner.is_trait_impl) => {}
            "use" => self.add(&inner["id"], &mut foreign),
            _ => self.walk(inner, &mut foreign),
        }
        let name = match kind.as_str() {
            "impl" => shown(&inner["for"], &inner["trait"]),
            "use" => format!("pub use {}", text(&inner["source"])),
            _ => [owner.map_or("", |owner| owner.name), text(&item["name"])].join("::"),
        };
        let span = &item["span"];
        let place = format!("{}:{}", text(&span["filename"]), span["begin"][0]);
        let leak =
            |foreign| Leak { place: place.clone(), item: name.trim_start_matches("::").to_owned(), foreign };
        foreign.into_iter().map(leak).collect()
    }

    /// Finds all references to types and traits in a piece of JSON: objects with a path and an id.
    fn walk(&self, value: &Value, foreign: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.walk(value, foreign)),
            Value::Object(fields) => {
                if fields.contains_key("path") {
                    self.add(&fields["id"], foreign);
                }
                fields.values().for_each(|value| self.walk(value, foreign));
            }
            _ => {}
        }
    }

    fn add(&self, id: &Value, foreign: &mut BTreeSet<String>) {
        let entry = &self.docs["paths"][id.to_string()];
        let name = text(&self.docs["external_crates"][entry["crate_id"].to_string()]["name"]);
        let kind = text(&entry["kind"]);
        let is_allowed = COMMON.contains(&name)
            || self.allowed.iter().any(|allowed| is_part_of(name, allowed))
            || name.starts_with("nango_")
            || (TRAITS_ONLY.contains(&name) && kind == "trait")
            // A macro is not a type.
            || kind.contains("macro")
            || kind.starts_with("proc_")
            // Items of this crate, and those of the language, which have no id.
            || entry["crate_id"] == 0
            || self.docs["index"][id.to_string()]["crate_id"] == 0
            || id.is_null();
        if !is_allowed {
            let path: Vec<&str> = list(&entry["path"]).map(text).collect();
            foreign.insert(if path.is_empty() { format!("an unknown item {id}") } else { path.join("::") });
        }
    }
}

/// Returns whether a crate is the allowed one, or one that it is made of, as `axum_core` is for
/// `axum`.
fn is_part_of(name: &str, allowed: &str) -> bool {
    name.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// Returns which item holds each item that does not stand in a module.
fn owners(docs: &Value) -> BTreeMap<String, Owner<'_>> {
    let mut owners = BTreeMap::new();
    for item in docs["index"].as_object().into_iter().flatten().map(|(_, item)| item) {
        let Some((kind, inner)) = item["inner"].as_object().and_then(|inner| inner.iter().next()) else {
            continue;
        };
        let is_trait_impl = kind == "impl" && !inner["trait"].is_null();
        let name =
            if kind == "impl" { text(&inner["for"]["resolved_path"]["path"]) } else { text(&item["name"]) };
        let held = match kind.as_str() {
            "impl" | "trait" => &inner["items"],
            "struct" if inner["kind"]["plain"].is_object() => &inner["kind"]["plain"]["fields"],
            "struct" => &inner["kind"]["tuple"],
            "enum" => &inner["variants"],
            "variant" if inner["kind"]["struct"].is_object() => &inner["kind"]["struct"]["fields"],
            "variant" => &inner["kind"]["tuple"],
            _ => continue,
        };
        for id in list(held) {
            owners.insert(id.to_string(), Owner { name, is_trait_impl });
        }
    }
    owners
}

fn shown(of: &Value, implemented: &Value) -> String {
    let name = text(&of["resolved_path"]["path"]);
    if implemented.is_null() {
        format!("impl {name}")
    } else {
        format!("impl {} for {name}", text(&implemented["path"]))
    }
}
