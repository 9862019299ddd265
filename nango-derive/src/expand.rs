//! Writes the implementations. Every name in them comes from `nango_core::__private`, so that
//! nothing in the user's scope, nor its absence, can change their meaning.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{WhereClause, parse_quote};

use crate::frame::{self, Contents, Mapper};
use crate::model::{MappedField, Model, Role, Target};
use crate::tokens::{call_site_span, id_type, part_item};
use crate::types::{self, ReadBack};
use crate::view::View;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let view = View::of(model);
    let writes = model.fields.iter().map(write);
    // Keys are checked in a constant where the parts are known, and otherwise when the parameters
    // are: in `cargo build`, but not in `cargo check`.
    let (early, late) = match (model.is_flattening(), model.has_type_params()) {
        (false, _) => (None, None),
        (true, false) => (Some(key_check(model, true)), None),
        (true, true) => (None, Some(key_check(model, false))),
    };
    let late = late.map(|check| quote!(const { #check }));
    let contents = Contents {
        bounds: bounds(model),
        keys: keys(model),
        put_tags: quote! {
            #late
            let mut writer = _nango::TagWriter::new(tags);
            #(#writes)*
            writer.finish()
        },
        read: view.read(model),
        mapper: model.id().filter(|_| model.target == Target::Entity).map(|id| mapper(model, id)),
        key_check: early.map(|check| quote!(const _: () = { #check };)),
    };
    frame::write(model, &view, &contents)
}

fn mapper(model: &Model<'_>, id: &MappedField<'_>) -> Mapper {
    let id_text = id_text(id);
    let scope = model.fields.iter().find(|field| field.scope().is_some());
    let scope_text = scope.map_or_else(|| quote!(_nango::None), scope_text);
    Mapper {
        id_type: id_type(id.value),
        id_tag: id.key_text().to_owned(),
        kind: model.kind.as_ref().map_or_else(String::new, |kind| kind.text.clone()),
        scope_tag: scope.map(|scope| scope.key_text().to_owned()),
        owner: quote!(_nango::owner::<Self>(#id_text, #scope_text)),
        to_tags: quote!(_nango::to_tags(self)),
    }
}

/// Returns the bounds that the struct declares and those that the mapped fields need.
///
/// A bound is on the field's type and not on the parameter: an `Id<T>` is often `Display` whatever
/// `T` is.
fn bounds(model: &Model<'_>) -> Option<WhereClause> {
    let mut generics = model.input.generics.clone();
    for field in &model.fields {
        let ty = field.bound_type();
        if field.with.is_some() || !field.is_generic {
            continue;
        }
        let predicate = match field.role {
            Role::Id => {
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
        let keys = model.fields.iter().map(MappedField::key_text);
        return quote!(&[#(#keys),*]);
    }
    let runs = model.fields.chunk_by(|a, b| !a.is_flatten() && !b.is_flatten());
    let parts = runs.map(|run| match run {
        [part] if part.is_flatten() => part_item(part, &part.field.ty, "TAGS"),
        own => {
            let keys = own.iter().map(MappedField::key_text);
            quote!(&[#(#keys),*])
        }
    });
    quote!(_nango::TagKeys::as_slice(&_nango::TagKeys::join(&[#(#parts),*])))
}

/// Returns the check of the keys of flattened parts, which the derive cannot see.
///
/// Each call has the span of its field, and so has the error in it.
fn key_check(model: &Model<'_>, is_static: bool) -> TokenStream {
    let first = model.fields.iter().position(MappedField::is_flatten);
    let (own, rest) = model.fields.split_at(first.unwrap_or(model.fields.len()));
    let own = own.iter().map(MappedField::key_text);
    let rest = rest.iter().map(|field| {
        let span = field.span().resolved_at(Span::call_site());
        if field.is_flatten() {
            let ty = if is_static {
                types::with_static(&field.field.ty, &model.input.generics)
            } else {
                field.field.ty.to_token_stream()
            };
            let (tags, name) = (part_item(field, &ty, "TAGS"), field.name());
            quote_spanned!(span=> let keys = _nango::TagKeys::extend_checked(keys, #name, #tags);)
        } else {
            let key = field.key_text();
            quote_spanned!(span=> let keys = _nango::TagKeys::push_checked(keys, #key);)
        }
    });
    quote! {
        let keys = _nango::TagKeys::join(&[&[#(#own),*]]);
        #(#rest)*
        let _ = keys;
    }
}

/// Returns the text of the id. It goes through `Self::Id`, whose bounds are demanded where it is
/// declared: a missing one is reported once.
fn id_text(id: &MappedField<'_>) -> TokenStream {
    let member = &id.member;
    match types::read_back(id.value) {
        ReadBack::Text => quote!(_nango::text(&self.#member)),
        ReadBack::As(_) | ReadBack::OwnedOf(_) => quote!(_nango::id_text::<Self>(&self.#member)),
    }
}

fn scope_text(scope: &MappedField<'_>) -> TokenStream {
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

fn write(field: &MappedField<'_>) -> TokenStream {
    let (key, member) = (field.key_text(), &field.member);
    match field.role {
        Role::Id => {
            let text = id_text(field);
            quote!(writer.insert(#key, #text);)
        }
        Role::Flatten => {
            let put_tags = part_item(field, &field.field.ty, "put_tags");
            let arguments = quote!(&self.#member, writer.tags());
            let outcome = quote_spanned!(types::span(&field.field.ty)=> #put_tags(#arguments));
            quote! {
                let outcome = #outcome;
                writer.record(outcome);
            }
        }
        Role::Tag { .. } => {
            let text = value_text(field);
            let write = quote!(writer.insert(#key, #text););
            if field.optional { quote!(if let _nango::Some(value) = &self.#member { #write }) } else { write }
        }
    }
}

/// Returns the text of a field, or of the content of an optional one, bound as `value`.
///
/// All tokens have the span of the type: two places that need the same bound give the same error,
/// which the compiler then shows once.
fn value_text(field: &MappedField<'_>) -> TokenStream {
    let span = call_site_span(field.value);
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
