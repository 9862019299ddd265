//! Reads a crate's files, from the root along its `mod` items.

use std::path::{Component, Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, ItemMacro, ItemMod, Lit, Meta};

use super::cfg::is_test_only;
use super::collect::{collect, lines_of};
use super::paths::name;
use super::tree::{Crate, Module};
use crate::failure::{Failure, Result, read};

/// Loads the modules of the library or program whose root is given.
pub(crate) fn load(root: &Path) -> Result<Crate> {
    let mut found = Crate::default();
    let root = without_dots(root);
    let place = Place { parent: None, submodules: parent_of(&root) };
    load_file(&mut found, "crate".to_owned(), &root, &place)?;
    Ok(found)
}

/// The place of a module to load.
struct Place {
    parent: Option<usize>,
    /// The directory in which its own submodules' files stand.
    submodules: PathBuf,
}

fn load_file(found: &mut Crate, name: String, file: &Path, place: &Place) -> Result<()> {
    let syntax = syn::parse_file(&read(file)?)
        .map_err(|error| Failure::at(file, format!("line {}: {error}", error.span().start().line)))?;
    if is_test_only(&syntax.attrs) {
        return Ok(());
    }
    add(found, Module::new(name, place.parent, file.to_owned(), true), &syntax.items, &place.submodules)
}

fn add(found: &mut Crate, module: Module, items: &[Item], submodules: &Path) -> Result<()> {
    let id = found.modules.len();
    if let Some(parent) = module.parent {
        found.modules[parent].children.insert(module.name.clone(), id);
    }
    let file = module.file.clone();
    found.modules.push(module);
    for item in items {
        let test_lines = match item {
            Item::Mod(item) if is_test_only(&item.attrs) => vec![lines_of(&item.attrs, item)],
            Item::Mod(item) => {
                add_submodule(found, id, item, submodules)?;
                continue;
            }
            _ => collect(&mut found.modules[id], item),
        };
        found.test_lines.entry(file.clone()).or_default().extend(test_lines);
        if let Item::Macro(item) = item {
            export(found, id, item);
        }
    }
    Ok(())
}

fn add_submodule(found: &mut Crate, parent: usize, item: &ItemMod, submodules: &Path) -> Result<()> {
    let name = name(&item.ident);
    let file = found.modules[parent].file.clone();
    if let Some((_, items)) = &item.content {
        let module = Module::new(name.clone(), Some(parent), file, false);
        return add(found, module, items, &submodules.join(name));
    }
    // `#[path]` counts from the directory of the file, and what it names has its submodules beside
    // it.
    if let Some(path) = path_attribute(&item.attrs) {
        let file = without_dots(&parent_of(&file).join(path));
        let place = Place { parent: Some(parent), submodules: parent_of(&file) };
        return load_file(found, name, &file, &place);
    }
    let folder = submodules.join(&name);
    let place = Place { parent: Some(parent), submodules: folder.clone() };
    let beside = submodules.join(format!("{name}.rs"));
    let file = if beside.exists() { beside } else { folder.join("mod.rs") };
    load_file(found, name, &file, &place)
}

/// Makes a macro with `#[macro_export]` known at the root, which is where its path begins.
fn export(found: &mut Crate, module: usize, item: &ItemMacro) {
    let is_exported = item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
    if let Some(ident) = item.ident.as_ref().filter(|_| is_exported && module != 0) {
        let mut path: Vec<String> = found.path(module).split("::").map(str::to_owned).collect();
        path.push(name(ident));
        found.modules[0].aliases.insert(name(ident), path);
    }
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

fn parent_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// Takes `..` out of a path, so that it can be compared with that of a directory.
fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut done, part| {
        match part {
            Component::ParentDir if done.file_name().is_some() => {
                done.pop();
            }
            _ => done.push(part),
        }
        done
    })
}
