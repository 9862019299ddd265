//! Paths as lists of names.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::UseTree;

/// A path and the line on which it begins.
pub(crate) type Located = (Vec<String>, usize);

/// One import of a `use` item.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// The name that it brings in: none for `_`.
    pub(crate) name: Option<String>,
    pub(crate) is_glob: bool,
}

/// Lists the imports of a `use` tree.
pub(crate) fn imports(tree: &UseTree) -> Vec<Import> {
    let mut imports = Vec::new();
    walk(tree, Vec::new(), &mut imports);
    imports
}

fn walk(tree: &UseTree, mut path: Vec<String>, imports: &mut Vec<Import>) {
    match tree {
        UseTree::Path(part) => {
            path.push(name(&part.ident));
            walk(&part.tree, path, imports);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, path.clone(), imports)),
        UseTree::Name(leaf) => {
            push_unless_self(&mut path, &leaf.ident);
            imports.push(Import {
                name: path.last().cloned(),
                path,
                line: line(&leaf.ident),
                is_glob: false,
            });
        }
        UseTree::Rename(leaf) => {
            push_unless_self(&mut path, &leaf.ident);
            let renamed = name(&leaf.rename);
            let name = (renamed != "_").then_some(renamed);
            imports.push(Import { path, line: line(&leaf.ident), name, is_glob: false });
        }
        UseTree::Glob(glob) => {
            let line = glob.star_token.spans[0].start().line;
            imports.push(Import { path, line, name: None, is_glob: true });
        }
    }
}

/// Adds the last name of an import. `{self}` in a group stands for the path before it.
fn push_unless_self(path: &mut Vec<String>, last: &Ident) {
    if last != "self" || path.is_empty() {
        path.push(name(last));
    }
}

/// Returns the path's names, and `None` where it begins with `::` and so names another crate.
pub(crate) fn of_syntax(path: &syn::Path) -> Option<Located> {
    let first = path.segments.first().filter(|_| path.leading_colon.is_none())?;
    Some((path.segments.iter().map(|segment| name(&segment.ident)).collect(), line(&first.ident)))
}

/// Lists the paths of at least two names in a macro's tokens. Tokens after `#` or `$` stand for
/// something else, but for `$crate`.
pub(crate) fn in_tokens(tokens: &TokenStream) -> Vec<Located> {
    let mut found = Vec::new();
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Group(group) => found.extend(in_tokens(&group.stream())),
            TokenTree::Ident(first) => {
                let start = at - 1;
                let mut path = vec![name(first)];
                while let (true, Some(TokenTree::Ident(next))) =
                    (is_double_colon(&tokens, at), tokens.get(at + 2))
                {
                    path.push(name(next));
                    at += 3;
                }
                let is_placeholder = match start.checked_sub(1).and_then(|before| tokens.get(before)) {
                    Some(TokenTree::Punct(before)) => match before.as_char() {
                        '$' => first != "crate",
                        // A path after `::` names another crate, or continues one with arguments.
                        '#' | ':' => {
                            start < 2 || before.as_char() == '#' || is_double_colon(&tokens, start - 2)
                        }
                        _ => false,
                    },
                    _ => false,
                };
                if path.len() > 1 && !is_placeholder {
                    found.push((path, line(first)));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

pub(crate) fn name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

fn line(ident: &Ident) -> usize {
    ident.span().start().line
}

#[cfg(test)]
mod tests {
    use super::{imports, in_tokens};

    #[test]
    fn groups_renames_and_globs_are_separate_imports() {
        let item: syn::ItemUse = syn::parse_str("use a::{self, b as c, d::*, e as _};").unwrap();
        let shown: Vec<String> = imports(&item.tree)
            .iter()
            .map(|import| format!("{} {:?} {}", import.path.join("::"), import.name, import.is_glob))
            .collect();
        let wanted = ["a Some(\"a\") false", "a::b Some(\"c\") false", "a::d None true", "a::e None false"];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn tokens_yield_plain_paths_and_no_placeholders() {
        let tokens = "x, $crate::a::B, [crate::c!(D::E)], #f::g, $h::i, ::std::fmt, y: j::k, a::<b::c>::d";
        let found = in_tokens(&tokens.parse().unwrap());
        let paths: Vec<String> = found.into_iter().map(|(path, _)| path.join("::")).collect();
        assert_eq!(paths, ["crate::a::B", "crate::c", "D::E", "j::k", "b::c"]);
    }
}
