//! `#[derive(TagMapper)]` and `#[derive(TagFields)]` for `nango-core`, which re-exports and documents it.
//!
//! The way of an input: `model`, `role`, `attr` and `item` read it, `check` holds it against Nango's rules, `expand` writes the
//! implementation. Every error is collected on the way; where there is one, `fallback` writes an implementation that
//! keeps the rest of the crate compiling.

mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod item;
mod key;
mod model;
mod role;
#[cfg(test)]
mod snapshots;
mod symbol;
mod types;
mod view;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ctxt::Ctxt;
use crate::model::Target;

// Documented where `nango-core` re-exports it.
#[expect(missing_docs, reason = "the text would be shown twice")]
#[proc_macro_derive(TagMapper, attributes(nango))]
pub fn derive_tag_mapper(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(Target::Entity, input)
}

/// Says which fields of a struct are tags of the entities that it is a part of.
///
/// The attributes are those of `TagMapper`, without `id`, `scope` and `kind`: a part identifies nobody.
#[proc_macro_derive(TagFields, attributes(nango))]
pub fn derive_tag_fields(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(Target::Part, input)
}

fn derive(target: Target, input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    match syn::parse(input) {
        Ok(input) => expansion(target, &input).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

fn expansion(target: Target, input: &DeriveInput) -> TokenStream {
    let (model, errors) = Ctxt::collect(|cx| {
        let model = model::read(cx, target, input);
        check::check(cx, &model);
        model
    });
    match errors {
        None => expand::expand(&model),
        Some(errors) => fallback::expand(&model, errors.into_compile_error()),
    }
}
