//! Writes the implementations. Every name in them comes from `nango_core::__private`, so that nothing that the user has
//! in scope, or does not have, can change their meaning.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, WhereClause, parse_quote};

use crate::model::{Mapped, Model, Role, Target};
use crate::types::{self, ReadBack};
use crate::view;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let view = view::expand(model);
    let fields = tag_fields(model);
    let entity = match (model.target, model.id()) {
        (Target::Entity, Some(id)) => tag_mapper(model, id),
        _ => TokenStream::new(),
    };
    in_scope(model, &quote!(#view #fields #entity))
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

fn tag_mapper(model: &Model<'_>, id: &Mapped<'_>) -> TokenStream {
    let name = model.name();
    let (impl_generics, ty_generics, _) = model.input.generics.split_for_impl();
    let where_clause = bounds(model);
    let kind = &model.kind.text;
    let id_type = id_type(id.value);
    let id_tag = key(id);
    let id_text = id_text(id);
    let scope = model.fields.iter().find(|field| field.scope().is_some());
    let (scope_tag, scope_text) = match scope {
        Some(scope) => {
            let key = key(scope);
            (quote!(_nango::Some(#key)), scope_text(scope))
        }
        None => (quote!(_nango::None), quote!(_nango::None)),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics _nango::TagMapper for #name #ty_generics #where_clause {
            type Id = #id_type;
            const KIND: &'static _nango::str = #kind;
            const ID_TAG: &'static _nango::str = #id_tag;
            const SCOPE_TAG: _nango::Option<&'static _nango::str> = #scope_tag;
            const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;

            fn owner(&self) -> _nango::Owner {
                _nango::owner::<Self>(#id_text, #scope_text)
            }

            fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
                _nango::to_tags(self)
            }
        }
    }
}

fn tag_fields(model: &Model<'_>) -> TokenStream {
    let name = model.name();
    let (impl_generics, ty_generics, _) = model.input.generics.split_for_impl();
    let where_clause = bounds(model);
    let (view, view_type) = (view::name(model), view::type_of(model));
    let keys = keys(model);
    let puts = model.fields.iter().map(put);
    // Keys are checked at once where they are known, and otherwise when the parameters are: `cargo check` does not get
    // so far.
    let (early, late) = if !model.is_flattening() {
        (None, None)
    } else if model.has_type_params() {
        let check = key_check(model, false);
        (None, Some(quote!(const { #check })))
    } else {
        let check = key_check(model, true);
        (Some(quote!(const _: () = { #check };)), None)
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics _nango::TagFields for #name #ty_generics #where_clause {
            const TAGS: &'static [&'static _nango::str] = #keys;
            type View<'nango> = #view_type;

            fn put_tags(&self, tags: &mut _nango::Tags) -> _nango::Result<(), _nango::TagError> {
                #late
                let mut put = _nango::Put::new(tags);
                #(#puts)*
                put.done()
            }

            fn view(tags: &_nango::Tags) -> Self::View<'_> {
                #view { tags, of: _nango::PhantomData }
            }
        }

        #early
    }
}

/// What the user demands of the parameters, and what the mapped fields do.
///
/// The bound is on the field's type and not on the parameter: an `Id<T>` is often `Display` whatever `T` is.
fn bounds(model: &Model<'_>) -> Option<WhereClause> {
    let mut generics = model.input.generics.clone();
    for field in &model.fields {
        let ty = field.bound_type();
        if field.with.is_some() || !types::is_generic(ty, &model.input.generics) {
            continue;
        }
        let predicate = match field.role {
            Role::Id { .. } => {
                let ty = id_type(ty);
                parse_quote!(#ty: _nango::OwnerId)
            }
            Role::Tag { .. } => parse_quote!(#ty: _nango::TagValue),
            Role::Flatten => parse_quote!(#ty: _nango::TagFields),
        };
        generics.make_where_clause().predicates.push(predicate);
    }
    generics.where_clause
}

fn keys(model: &Model<'_>) -> TokenStream {
    if !model.is_flattening() {
        let keys = model.fields.iter().map(key);
        return quote!(&[#(#keys),*]);
    }
    let runs = model.fields.chunk_by(|a, b| !a.is_flatten() && !b.is_flatten());
    let parts = runs.map(|run| match run {
        [part] if part.is_flatten() => part_item(part, &part.field.ty, "TAGS"),
        own => {
            let keys = own.iter().map(key);
            quote!(&[#(#keys),*])
        }
    });
    quote!(_nango::Keys::as_slice(&_nango::Keys::join(&[#(#parts),*])))
}

/// Holds the keys of flattened parts against the others; the derive cannot see them.
///
/// Each call stands where its field does, and so does the error that it gives.
fn key_check(model: &Model<'_>, is_static: bool) -> TokenStream {
    let first = model.fields.iter().position(Mapped::is_flatten);
    let (own, rest) = model.fields.split_at(first.unwrap_or(model.fields.len()));
    let own = own.iter().map(key);
    let rest = rest.iter().map(|field| {
        let span = field.span().resolved_at(Span::call_site());
        if field.is_flatten() {
            let ty = if is_static {
                types::with_static(&field.field.ty, &model.input.generics)
            } else {
                field.field.ty.to_token_stream()
            };
            let (tags, name) = (part_item(field, &ty, "TAGS"), field.name());
            quote_spanned!(span=> let keys = _nango::Keys::check_part(keys, #name, #tags);)
        } else {
            let key = key(field);
            quote_spanned!(span=> let keys = _nango::Keys::check_own(keys, #key);)
        }
    });
    quote! {
        let keys = _nango::Keys::join(&[&[#(#own),*]]);
        #(#rest)*
        let _ = keys;
    }
}

/// Something of the type of a flattened field.
///
/// It begins and ends with tokens that are the user's as far as the compiler can tell: a type that is no `TagFields` is
/// then told once and not for each use.
pub(crate) fn part_item(field: &Mapped<'_>, ty: &impl ToTokens, item: &str) -> TokenStream {
    let span = types::span(&field.field.ty);
    let item = Ident::new(item, span);
    let tag_fields = quote!(_nango::TagFields);
    quote_spanned!(span=> <#ty as #tag_fields>::#item)
}

fn key<'a>(field: &'a Mapped<'_>) -> &'a str {
    field.key.as_ref().map_or("", |key| &key.text)
}

/// What an id, or another value, is read back as.
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
    let (member, text) = (&scope.member, value_text(scope));
    if !scope.optional {
        return quote!(_nango::Some(#text));
    }
    quote! {
        match &self.#member {
            _nango::Some(value) => _nango::Some(#text),
            _nango::None => _nango::None,
        }
    }
}

fn put(field: &Mapped<'_>) -> TokenStream {
    let (key, member) = (key(field), &field.member);
    match field.role {
        Role::Id { .. } => {
            let text = id_text(field);
            quote!(put.tag(#key, #text);)
        }
        Role::Flatten => {
            let put_tags = part_item(field, &field.field.ty, "put_tags");
            let arguments = quote!(&self.#member, put.tags());
            let put = quote_spanned!(types::span(&field.field.ty)=> #put_tags(#arguments));
            quote! {
                let part = #put;
                put.part(part);
            }
        }
        Role::Tag { .. } => {
            let text = value_text(field);
            let put = quote!(put.tag(#key, #text););
            if field.optional { quote!(if let _nango::Some(value) = &self.#member { #put }) } else { put }
        }
    }
}

/// The text of a field, or of what an optional one has bound as `value`.
///
/// All tokens stand where the type does: two places that demand the same of it give the same error, which the compiler
/// then shows once.
fn value_text(field: &Mapped<'_>) -> TokenStream {
    let span = at(field.value);
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

/// Where a type stands, with names that mean what they do here.
pub(crate) fn at(ty: &Type) -> Span {
    types::span(ty).resolved_at(Span::call_site())
}
