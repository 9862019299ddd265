//! The code in documentation.

use syn::visit::{Visit, visit_attribute};
use syn::{Attribute, Expr, Lit, Meta};

/// Adds the text of a file's doc comments, which is Markdown.
pub(crate) fn of_file(file: &syn::File, into: &mut String) {
    Comments(into).visit_file(file);
}

struct Comments<'a>(&'a mut String);

impl<'ast> Visit<'ast> for Comments<'_> {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Some(text) = text(attribute) {
            self.0.push_str(text.strip_prefix(' ').unwrap_or(&text));
            self.0.push('\n');
        }
        visit_attribute(self, attribute);
    }
}

fn text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(value) if pair.path.is_ident("doc") => match &value.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the code of the fenced blocks of Rust in Markdown, without comments at the ends of lines.
pub(crate) fn code(markdown: &str) -> String {
    let (mut code, mut is_open, mut is_rust) = (String::new(), false, false);
    for line in markdown.lines() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            is_open = !is_open;
            // Without a word, or with one of rustdoc's alone, it is Rust.
            let first = info.split(',').next().unwrap_or_default().trim();
            is_rust = is_open && ["", "no_run", "rust", "should_panic"].contains(&first);
        } else if is_rust {
            // Two slashes within a word are of an address.
            code.push_str(line.split_once(" //").map_or(line, |(code, _)| code));
            code.push('\n');
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::{code, of_file};

    #[test]
    fn code_is_that_of_blocks_of_rust() {
        let source = "//! a\n//! ```\n//! b(\"d://e\"); // c\n//! ```\n/// ```text\n/// d\n/// ```\n/// ```no_run\n/// # e();\n/// ```\nfn f() {}";
        let mut markdown = String::new();
        of_file(&syn::parse_file(source).unwrap(), &mut markdown);
        assert_eq!(code(&markdown), "b(\"d://e\");\n# e();\n");
    }
}
