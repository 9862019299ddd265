//! Collects the names that a module's items define and use.

use std::ops::RangeInclusive;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItem, Item, ItemMod, ItemUse, Macro, Path, Visibility};

use super::cfg::{attributes_of, attributes_of_member, is_test_only, name_of};
use super::paths::{self, Located};
use super::tree::{Kind, Module, Reference};

/// Adds an item to its module. Returns the lines in it that only tests compile.
pub(crate) fn collect(module: &mut Module, item: &Item) -> Vec<RangeInclusive<usize>> {
    let mut collector = Collector { module, depth: 0, test_lines: Vec::new() };
    collector.visit_item(item);
    collector.test_lines
}

struct Collector<'a> {
    module: &'a mut Module,
    /// The number of function bodies around the item.
    depth: usize,
    test_lines: Vec<RangeInclusive<usize>>,
}

impl Collector<'_> {
    fn skip(&mut self, attributes: &[Attribute], node: &impl Spanned) -> bool {
        let is_skipped = is_test_only(attributes);
        if is_skipped {
            self.test_lines.push(lines_of(attributes, node));
        }
        is_skipped
    }

    fn add(&mut self, (path, line): Located, kind: Kind) {
        self.module.references.push(Reference { path, line, kind });
    }
}

/// Returns the lines of a node together with its attributes.
pub(crate) fn lines_of(attributes: &[Attribute], node: &impl Spanned) -> RangeInclusive<usize> {
    let span = node.span();
    let first = attributes.iter().map(|attribute| attribute.span().start().line).min();
    first.unwrap_or(usize::MAX).min(span.start().line)..=span.end().line
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if self.skip(attributes_of(item), item) {
            return;
        }
        if let Some(name) = name_of(item).filter(|_| self.depth == 0) {
            self.module.items.insert(paths::name(name));
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !self.skip(attributes_of_member(item), item) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_some() {
            return;
        }
        let kind = match item.vis {
            Visibility::Inherited => Kind::Use,
            _ => Kind::Reexport,
        };
        for import in paths::imports(&item.tree) {
            if import.is_glob {
                self.module.globs.push(import.path.clone());
            }
            if let Some(name) = import.name {
                self.module.aliases.entry(name).or_insert_with(|| import.path.clone());
            }
            self.add((import.path, import.line), kind);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if let Some(located) = paths::of_syntax(path) {
            self.add(located, Kind::Inline);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        // The tokens of `quote!` are code of another crate.
        let writes_code = call
            .path
            .segments
            .last()
            .is_some_and(|name| name.ident == "quote" || name.ident == "quote_spanned");
        if !writes_code {
            for located in paths::in_tokens(&call.tokens) {
                self.add(located, Kind::Inline);
            }
        }
    }

    // `pub(in path)`, attributes and modules inside of functions name nothing that the module
    // depends on.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}
}
