//! Reads what can be read of a struct that is being written.
//!
//! The compiler does not expand a derive on a struct with an error of syntax. Editors do, at each key that
//! is pressed, and what they offer elsewhere in the file follows from the expansion.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{DeriveInput, Field, Token};

/// Returns the struct with the fields that are complete.
pub(crate) fn complete_fields(input: TokenStream) -> Option<DeriveInput> {
    let with_fields = input.into_iter().map(|token| match token {
        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
            let fields = fields.parse2(body.stream()).unwrap_or_default();
            let mut complete = Group::new(Delimiter::Brace, fields);
            complete.set_span(body.span());
            complete.into()
        }
        token => token,
    });
    syn::parse2(with_fields.collect()).ok()
}

fn fields(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut fields = TokenStream::new();
    while !input.is_empty() {
        let ahead = input.fork();
        if let Ok(field) = Field::parse_named(&ahead)
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            Field::parse_named(input)?;
            field.to_tokens(&mut fields);
            <Token![,]>::default().to_tokens(&mut fields);
        }
        while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use syn::{Expr, File, Ident, Item, Stmt};

    use crate::model::Target;

    /// Returns the names in the view in the expansion of a struct that does not parse.
    fn read_back(body: &str) -> Vec<String> {
        let expanded = crate::derive(Target::Entity, format!("struct User {body}").parse().unwrap());
        let file: File = syn::parse2(expanded).unwrap();
        let [Item::Macro(error), Item::Const(block)] = &file.items[..] else { panic!("{body}") };
        assert!(error.mac.path.segments.iter().any(|segment| segment.ident == "compile_error"), "{body}");
        let Expr::Block(block) = &*block.expr else { panic!("{body}") };
        let view = block.block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Item(Item::Struct(view)) => Some(view),
            _ => None,
        });
        let names =
            view.unwrap().fields.iter().filter_map(|field| field.ident.as_ref().map(Ident::to_string));
        names.collect()
    }

    #[test]
    fn fields_that_are_complete_are_read_back() {
        let fields = "#[nango(id)] id: u64, #[nango(tag)] email: Option<String>,";
        for field in [
            "#[nango(tag)] plan: ,",
            "#[nango(tag)] plan",
            "#[nango(tag)] plan: Option<,",
            "#[nango(tag)]",
            "#[nango(tag)] plan: String password: String",
            "#",
        ] {
            assert_eq!(read_back(&format!("{{ {fields} {field} }}")), ["id", "email"], "{field}");
        }
        assert_eq!(read_back("{ plan: , #[nango(tag)] a: u8, #[nango(id)] id: Id<Self> }"), ["a", "id"]);
    }

    #[test]
    fn what_is_no_struct_at_all_is_an_error_alone() {
        let expanded = crate::derive(Target::Entity, "struct { id: u64 }".parse().unwrap());
        assert_eq!(expanded.to_string().matches("compile_error").count(), 1);
        assert!(!expanded.to_string().contains("impl"));
    }
}
