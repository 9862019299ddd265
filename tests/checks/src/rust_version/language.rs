//! Features of the language that are newer than what the crates claim.
//!
//! The claim is 1.94, which dependencies need, and the compiler of `rust-toolchain.toml` is 1.95. So what 1.95 has added is
//! looked for, by its release notes. With another compiler, or a lower claim, this list changes.

use proc_macro2::Span;
use syn::visit::{Visit, visit_expr, visit_macro, visit_pat_guard};
use syn::{Expr, ItemUse, Macro, PatGuard, UseTree};

use super::version::RustVersion;

/// The version of all that is looked for.
const SINCE: RustVersion = RustVersion(1, 95, 0);

/// A use of a feature, by the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) line: usize,
    pub(crate) feature: &'static str,
    pub(crate) since: RustVersion,
}

/// Lists the uses of new features in a file. What stands inside of macro calls is not seen.
pub(crate) fn uses(file: &syn::File) -> Vec<Use> {
    let mut found = Found::default();
    found.visit_file(file);
    found.0
}

#[derive(Debug, Default)]
struct Found(Vec<Use>);

impl Found {
    fn add(&mut self, at: Span, feature: &'static str) {
        self.0.push(Use { line: at.start().line, feature, since: SINCE });
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_pat_guard(&mut self, guarded: &'ast PatGuard) {
        let mut lets = Lets::default();
        lets.visit_expr(&guarded.guard);
        if lets.0 {
            self.add(guarded.if_token.span, "`if let` in the guard of an arm");
        }
        visit_pat_guard(self, guarded);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut tree = &item.tree;
        while let UseTree::Path(path) = tree {
            tree = &path.tree;
        }
        // In braces, `self as` is older.
        if let UseTree::Rename(last) = tree
            && (last.ident == "self" || last.ident == "super")
        {
            self.add(last.ident.span(), "a new name for `self` or `super`");
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        if let Some(name) = called.path.segments.last().filter(|name| name.ident == "cfg_select") {
            self.add(name.ident.span(), "`cfg_select!`");
        }
        visit_macro(self, called);
    }
}

/// Whether a condition has a `let` of its own: one of a closure or a block in it is a statement or another condition.
#[derive(Debug, Default)]
struct Lets(bool);

impl<'ast> Visit<'ast> for Lets {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Let(_) => self.0 = true,
            Expr::Block(_) | Expr::Closure(_) | Expr::If(_) | Expr::Match(_) | Expr::While(_) => {}
            _ => visit_expr(self, expr),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::uses;

    fn lines(source: &str) -> Vec<usize> {
        uses(&syn::parse_file(source).unwrap()).into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn a_guard_with_a_let_is_found() {
        let source = "fn a(b: Option<u8>) -> bool {\n match b {\n Some(c) if let 1 = c => true,\n Some(c) if c > 2 && let 3 = c => true,\n _ => false,\n }\n}";
        assert_eq!(lines(source), [3, 4]);
    }

    #[test]
    fn imports_and_macros_are_found() {
        let source = "use super as a;\nuse super::super as b;\nuse c::{self as d, e as f};\nuse crate as g;\nuse h as i;\ncfg_select! { _ => {} }\nfn j() { std::cfg_select! { _ => {} } k!(); }";
        assert_eq!(lines(source), [1, 2, 6, 7]);
    }

    #[test]
    fn older_conditions_are_not() {
        let source = "fn a(b: Option<u8>) -> bool {\n if let Some(1) = b && true { return true; }\n match b {\n Some(c) if { if let 1 = c { true } else { false } } => true,\n Some(c) if c > 2 => true,\n _ => false,\n }\n}";
        assert!(lines(source).is_empty());
    }
}
