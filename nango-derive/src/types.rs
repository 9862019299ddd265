//! Conclusions from the tokens of a field's type.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{GenericArgument, GenericParam, Generics, PathArguments, PathSegment, Type};

/// Returns the type without parentheses and without the invisible group that `macro_rules!` puts
/// around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

/// Returns the `T` of an `Option<T>`, also behind a reference.
pub(crate) fn in_option(ty: &Type) -> Option<&Type> {
    match bare(ty) {
        Type::Reference(reference) => in_option(&reference.elem),
        ty => argument_of(ty, &["Option"]),
    }
}

/// The type that an id is read back as.
pub(crate) enum ReadBack<'a> {
    /// This type.
    As(&'a Type),
    /// A `String`, for a `str` behind a pointer.
    Text,
    /// The owned form of this type, for a `Cow` of it.
    OwnedOf(&'a Type),
}

/// Returns the type that a field, borrowed or boxed too, is read back as.
pub(crate) fn read_back(ty: &Type) -> ReadBack<'_> {
    let bare = bare(ty);
    if let Type::Reference(reference) = bare {
        return pointee(&reference.elem);
    }
    if let Some(inner) = argument_of(bare, &["Arc", "Box", "Rc"]) {
        return pointee(inner);
    }
    match argument_of(bare, &["Cow"]) {
        Some(inner) if is_str(inner) => ReadBack::Text,
        Some(inner) => ReadBack::OwnedOf(inner),
        None => ReadBack::As(ty),
    }
}

fn pointee(ty: &Type) -> ReadBack<'_> {
    if is_str(ty) { ReadBack::Text } else { read_back(ty) }
}

fn is_str(ty: &Type) -> bool {
    match bare(ty) {
        Type::Path(path) => {
            path.qself.is_none() && path.path.segments.last().is_some_and(|last| last.ident == "str")
        }
        _ => false,
    }
}

/// Returns the last type argument, if the type has one of these names.
fn argument_of<'a>(ty: &'a Type, names: &[&str]) -> Option<&'a Type> {
    let last = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    if !names.iter().any(|name| last.ident == name) {
        return None;
    }
    match arguments.args.last() {
        Some(GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// Returns the span of the one token of a type that errors are shown on.
pub(crate) fn span(ty: &Type) -> Span {
    let bare = bare(ty);
    last_segment(bare).map_or_else(|| bare.span(), |last| last.ident.span())
}

/// Returns `true` if the type depends on a type or const parameter, so that its traits are known to
/// callers only.
pub(crate) fn is_generic(ty: &Type, generics: &Generics) -> bool {
    let is_param = |ident: &Ident| {
        generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *ident,
            GenericParam::Const(param) => param.ident == *ident,
            GenericParam::Lifetime(_) => false,
        })
    };
    !generics.params.is_empty() && any_ident(ty.to_token_stream(), &is_param)
}

fn any_ident(tokens: TokenStream, is_it: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_it(&ident),
        TokenTree::Group(group) => any_ident(group.stream(), is_it),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Replaces the lifetimes of the struct by `'static`, for places where they are not declared.
pub(crate) fn with_static(ty: &Type, generics: &Generics) -> TokenStream {
    let is_declared = |ident: &Ident| generics.lifetimes().any(|param| param.lifetime.ident == *ident);
    substitute(ty.to_token_stream(), &is_declared)
}

fn substitute(tokens: TokenStream, is_declared: &dyn Fn(&Ident) -> bool) -> TokenStream {
    let mut after_quote = false;
    let substituted = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), substitute(group.stream(), is_declared));
            inner.set_span(group.span());
            inner.into()
        }
        TokenTree::Ident(ident) if after_quote && is_declared(&ident) => {
            after_quote = false;
            Ident::new("static", ident.span()).into()
        }
        token => {
            after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            token
        }
    });
    substituted.collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use super::*;

    fn option_of(ty: &Type) -> String {
        in_option(ty).map_or_else(String::new, |inner| inner.to_token_stream().to_string())
    }

    #[test]
    fn an_option_is_recognized_by_name() {
        for ty in [
            parse_quote!(Option<Plan>),
            parse_quote!(::std::option::Option<Plan>),
            parse_quote!((Option<Plan>)),
            parse_quote!(&'a Option<Plan>),
        ] {
            assert_eq!(option_of(&ty), "Plan");
        }
        assert_eq!(option_of(&parse_quote!(Maybe<Plan>)), "");
        assert_eq!(option_of(&parse_quote!(Option)), "");
    }

    #[test]
    fn borrowed_text_reads_back_as_a_string() {
        for ty in [
            parse_quote!(&'a str),
            parse_quote!(&&str),
            parse_quote!(Cow<'a, str>),
            parse_quote!(std::borrow::Cow<'static, str>),
            parse_quote!(Arc<str>),
            parse_quote!(Box<str>),
        ] {
            assert!(matches!(read_back(&ty), ReadBack::Text), "{}", quote!(#ty));
        }
        let ty = parse_quote!(&'a Uuid);
        assert!(matches!(read_back(&ty), ReadBack::As(inner) if quote!(#inner).to_string() == "Uuid"));
        let ty = parse_quote!(Cow<'a, Slug>);
        assert!(matches!(read_back(&ty), ReadBack::OwnedOf(inner) if quote!(#inner).to_string() == "Slug"));
    }

    #[test]
    fn lifetimes_of_the_struct_are_replaced_by_static() {
        let item: syn::DeriveInput = parse_quote!(
            struct S<'a>(&'a str);
        );
        let ty = parse_quote!(Part<'a, (&'a a, for<'b> fn(&'b u8))>);
        let expected = quote!(Part<'static, (&'static a, for<'b> fn(&'b u8))>).to_string();
        assert_eq!(with_static(&ty, &item.generics).to_string(), expected);
    }

    #[test]
    fn a_parameter_is_found_anywhere_in_a_type() {
        let item: syn::DeriveInput = parse_quote!(
            struct S<'a, T, const N: usize>(T);
        );
        for ty in [
            parse_quote!(T),
            parse_quote!(Id<(u8, T)>),
            parse_quote!(&'a T),
            parse_quote!(T::Id),
            parse_quote!(Id<[u8; N]>),
        ] {
            assert!(is_generic(&ty, &item.generics));
        }
        for ty in [parse_quote!(Id<U>), parse_quote!(&'a str)] {
            assert!(!is_generic(&ty, &item.generics));
        }
    }
}
