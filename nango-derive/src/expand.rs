//! Writes the implementation. Every name in it comes from `nango_core::__private`, so that nothing that the user has in
//! scope, or does not have, can change its meaning.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Type, WhereClause, parse_quote};

use crate::model::{Mapped, Model};
use crate::types::{self, ReadBack};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (name, generics) = (&model.input.ident, &model.input.generics);
    let (impl_generics, ty_generics, _) = generics.split_for_impl();
    let where_clause = bounds(model, generics);
    let kind = &model.kind.text;
    let Some(id) = model.id() else {
        return TokenStream::new();
    };
    let id_type = id_type(id.value);
    let id_tag = key(id);
    let scope_tag = match scope(model) {
        Some(scope) => {
            let key = key(scope);
            quote!(_nango::Some(#key))
        }
        None => quote!(_nango::None),
    };
    let keys = model.fields.iter().map(key);
    let id_text = id_text(id);
    let scope_text = scope(model).map_or_else(|| quote!(_nango::None), scope_text);
    let puts = model.fields.iter().map(put);
    in_scope(
        model,
        &quote! {
            #[automatically_derived]
            impl #impl_generics _nango::TagMapper for #name #ty_generics #where_clause {
                type Id = #id_type;
                const KIND: &'static _nango::str = #kind;
                const ID_TAG: &'static _nango::str = #id_tag;
                const SCOPE_TAG: _nango::Option<&'static _nango::str> = #scope_tag;
                const TAGS: &'static [&'static _nango::str] = &[#(#keys),*];

                fn owner(&self) -> _nango::Owner {
                    _nango::owner::<Self>(#id_text, #scope_text)
                }

                fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
                    let mut tags = _nango::Tags::new();
                    #(#puts)*
                    _nango::Ok(tags)
                }
            }
        },
    )
}

/// A scope of its own, in which `_nango` is our private module.
pub(crate) fn in_scope(model: &Model<'_>, items: &TokenStream) -> TokenStream {
    let krate = &model.krate;
    quote! {
        const _: () = {
            use #krate::__private as _nango;

            #items
        };
    }
}

/// What the user demands of the parameters, and what the mapped fields do.
///
/// The bound is on the field's type and not on the parameter: an `Id<T>` is often `Display` whatever `T` is.
fn bounds(model: &Model<'_>, generics: &Generics) -> Option<WhereClause> {
    let mut generics = generics.clone();
    for field in &model.fields {
        if field.with.is_some() || !types::is_generic(field.value, &model.input.generics) {
            continue;
        }
        let (ty, bound) = if field.is_id() {
            (id_type(field.value), quote!(_nango::OwnerId))
        } else {
            let ty = field.value;
            (quote!(#ty), quote!(_nango::TagValue))
        };
        let clause = generics.make_where_clause();
        clause.predicates.push(parse_quote!(#ty: #bound));
    }
    generics.where_clause
}

fn key<'a>(field: &'a Mapped<'_>) -> &'a str {
    field.key.as_ref().map_or("", |key| &key.text)
}

fn scope<'m>(model: &'m Model<'_>) -> Option<&'m Mapped<'m>> {
    model.fields.iter().find(|field| field.scope().is_some())
}

pub(crate) fn id_type(ty: &Type) -> TokenStream {
    match types::read_back(ty) {
        ReadBack::As(ty) => quote!(#ty),
        ReadBack::Text => quote!(_nango::String),
        ReadBack::OwnedOf(ty) => quote!(<#ty as _nango::ToOwned>::Owned),
    }
}

/// The id goes through `Self::Id`, whose bounds are demanded where it is declared: a missing one is reported once.
fn id_text(id: &Mapped<'_>) -> TokenStream {
    let member = &id.member;
    match types::read_back(id.value) {
        ReadBack::Text => quote!(_nango::text(&self.#member)),
        ReadBack::As(_) | ReadBack::OwnedOf(_) => quote!(_nango::id_text::<Self>(&self.#member)),
    }
}

fn scope_text(scope: &Mapped<'_>) -> TokenStream {
    let text = value_text(scope);
    optional(scope, &quote!(_nango::Some(#text)), Some(&quote!(_nango::None)))
}

fn put(field: &Mapped<'_>) -> TokenStream {
    let key = key(field);
    if field.is_id() {
        let text = id_text(field);
        return quote!(_nango::put(&mut tags, #key, #text)?;);
    }
    let text = value_text(field);
    optional(field, &quote!(_nango::put(&mut tags, #key, #text)?;), None)
}

/// The text of `value`, which [`optional`] binds.
///
/// All tokens stand where the type does: two places that demand the same of it give the same error, which the compiler
/// then shows once.
fn value_text(field: &Mapped<'_>) -> TokenStream {
    let span = types::span(field.value).resolved_at(Span::call_site());
    let member = &field.member;
    let value =
        if field.optional { quote_spanned!(span=> value) } else { quote_spanned!(span=> &self.#member) };
    match &field.with {
        Some(module) => {
            let span = module.span().resolved_at(Span::call_site());
            quote_spanned!(span=> _nango::text(&#module::to_tag(#value)))
        }
        None => quote_spanned!(span=> _nango::text(#value)),
    }
}

fn optional(field: &Mapped<'_>, some: &TokenStream, none: Option<&TokenStream>) -> TokenStream {
    let member = &field.member;
    if !field.optional {
        return some.clone();
    }
    match none {
        None => quote!(if let _nango::Some(value) = &self.#member { #some }),
        Some(none) => quote! {
            match &self.#member {
                _nango::Some(value) => #some,
                _nango::None => #none,
            }
        },
    }
}
