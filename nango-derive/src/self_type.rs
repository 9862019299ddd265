//! Replaces `Self` by the type of the struct, before anything else reads the input.
//!
//! Types of fields, and bounds, are copied into the view and into constants, where `Self` is another
//! type or none.

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parse;
use syn::{Data, DeriveInput, GenericParam, WhereClause};

/// Returns the input without `Self` in fields and bounds.
pub(crate) fn replace(mut input: DeriveInput) -> DeriveInput {
    let owner = StructType::of(&input);
    if let Data::Struct(data) = &mut input.data {
        for field in &mut data.fields {
            owner.replace_in(&mut field.ty);
        }
    }
    for param in &mut input.generics.params {
        if let GenericParam::Type(param) = param {
            owner.replace_in(param);
        }
    }
    if let Some(bounds) = &mut input.generics.where_clause {
        owner.replace_in::<WhereClause>(bounds);
    }
    input
}

/// The type that `Self` stands for.
struct StructType {
    name: Ident,
    arguments: TokenStream,
}

impl StructType {
    fn of(input: &DeriveInput) -> Self {
        let (_, arguments, _) = input.generics.split_for_impl();
        Self { name: input.ident.clone(), arguments: arguments.to_token_stream() }
    }

    /// Replaces `Self` in a piece of syntax. Tokens can do that where a visitor cannot: in the arguments
    /// of a macro that stands for a type.
    fn replace_in<T: ToTokens + Parse>(&self, syntax: &mut T) {
        let tokens = syntax.to_token_stream();
        if has_self(tokens.clone())
            && let Ok(replaced) = syn::parse2(self.replaced(tokens))
        {
            *syntax = replaced;
        }
    }

    fn replaced(&self, tokens: TokenStream) -> TokenStream {
        let mut replaced = TokenStream::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.replaced(group.stream()));
                    inner.set_span(group.span());
                    inner.to_tokens(&mut replaced);
                }
                TokenTree::Ident(ident) if ident == "Self" => {
                    let is_prefix = tokens.peek().is_some_and(begins_path_separator);
                    replaced.extend(self.at(ident.span(), is_prefix));
                }
                token => token.to_tokens(&mut replaced),
            }
        }
        replaced
    }

    /// Returns the type with the place of the `Self` that it replaces, on which errors are shown.
    ///
    /// The name has the context of the derive, where naming a deprecated struct is not a use of it.
    fn at(&self, span: Span, is_prefix: bool) -> TokenStream {
        let mut name = self.name.clone();
        name.set_span(span.resolved_at(Span::call_site()));
        let arguments = self.arguments.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        let ty = quote!(#name #(#arguments)*);
        if is_prefix { quote_spanned!(span=> <#ty>) } else { ty }
    }
}

fn has_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_self(group.stream()),
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Returns `true` for the first half of a `::`, which the colon of a bound is not.
fn begins_path_separator(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(colon) if colon.as_char() == ':' && colon.spacing() == Spacing::Joint)
}

#[cfg(test)]
mod tests {
    use syn::{Type, parse_quote};

    use super::*;

    /// Returns the text without white space, which depends on how tokens were made.
    fn text(tokens: impl ToTokens) -> String {
        tokens.to_token_stream().to_string().replace(' ', "")
    }

    fn replaced(ty: &Type) -> String {
        let item: DeriveInput = parse_quote!(
            struct User<'a, T: Clone = u8, const N: usize = 1> {
                field: #ty,
            }
        );
        let Data::Struct(data) = replace(item).data else { return String::new() };
        data.fields.iter().next().map(|field| text(&field.ty)).unwrap_or_default()
    }

    #[test]
    fn self_becomes_the_type_with_its_parameters() {
        let user = quote!(User<'a, T, N>);
        for (ty, expected) in [
            (parse_quote!(Self), user.clone()),
            (parse_quote!(Id<Self>), quote!(Id<#user>)),
            (parse_quote!(&'a (Self, [Self; 2])), quote!(&'a (#user, [#user; 2]))),
            (parse_quote!(Self::Key), quote!(<#user>::Key)),
            (parse_quote!(<Self as Table>::Key), quote!(<#user as Table>::Key)),
            (parse_quote!([u8; Self::WIDTH]), quote!([u8; <#user>::WIDTH])),
            (parse_quote!(for<'b> fn(&'b Self) -> Self), quote!(for<'b> fn(&'b #user) -> #user)),
            (parse_quote!(Box<dyn Fn(Self) -> Id<Self>>), quote!(Box<dyn Fn(#user) -> Id<#user>>)),
            (parse_quote!(id!(Self)), quote!(id!(#user))),
            (parse_quote!(SelfMade<T>), quote!(SelfMade<T>)),
        ] {
            assert_eq!(replaced(&ty), text(expected));
        }
    }

    #[test]
    fn bounds_are_replaced_too() {
        let item = parse_quote!(
            struct Node<T: Related<Self>>(T)
            where
                Self: Sized,
                T: Into<<Self as Table>::Key>;
        );
        let generics = replace(item).generics;
        let (params, _, bounds) = generics.split_for_impl();
        assert_eq!(text(params), text(quote!(<T: Related<Node<T>>>)));
        assert_eq!(text(bounds), text(quote!(where Node<T>: Sized, T: Into<<Node<T> as Table>::Key>)));
    }
}
