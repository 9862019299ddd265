//! `#[derive(TagMapper)]` and `#[derive(TagFields)]` for `nango-core`, which re-exports and
//! documents it.
//!
//! `self_type` names the struct where the input says `Self`. `item`, `attr`, `role` and `read` turn
//! the input into a `model`, `check` applies Nango's rules to it, and `expand` and `view` write the implementations. Every error is collected on the way;
//! where there is one, `fallback` writes implementations that keep the rest of the crate compiling, and
//! `half_written` does so for an editor where the input does not parse.

mod attr;
mod check;
mod ctxt;
mod expand;
mod fallback;
mod frame;
mod half_written;
mod item;
mod key;
mod model;
mod read;
mod role;
mod self_type;
#[cfg(test)]
mod snapshots;
mod symbol;
mod tokens;
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
    derive(Target::Entity, input.into()).into()
}

/// Marks the fields of a struct that are tags of every entity that the struct is a part of.
///
/// The attributes are those of `TagMapper`, without `id`, `scope` and `kind`, since a part does not
/// identify an owner.
#[proc_macro_derive(TagFields, attributes(nango))]
pub fn derive_tag_fields(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(Target::Part, input.into()).into()
}

fn derive(target: Target, input: TokenStream) -> TokenStream {
    // One text of the whole costs less than the tokens of each type.
    let may_say_self = input.to_string().contains("Self");
    match syn::parse2::<DeriveInput>(input.clone()) {
        Ok(input) if may_say_self => expansion(target, &self_type::replace(input.clone()), &input),
        Ok(input) => expansion(target, &input, &input),
        Err(error) => expansion_beside(error, target, input),
    }
}

/// Returns the error of syntax, and implementations for what is complete. Other mistakes are not reported:
/// they may be what is being written.
fn expansion_beside(error: syn::Error, target: Target, input: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let Some(input) = half_written::complete_fields(input) else { return error };
    let named = self_type::replace(input.clone());
    let (model, _) = Ctxt::collect(|cx| read::read(cx, target, &named, &input));
    if model.misplaced_id.is_some() { error } else { fallback::expand(&model, &error) }
}

/// Expands the struct, in which `Self` has become its name, beside the original.
fn expansion(target: Target, named: &DeriveInput, original: &DeriveInput) -> TokenStream {
    let (model, errors) = Ctxt::collect(|cx| {
        let model = read::read(cx, target, named, original);
        check::check(cx, &model);
        model
    });
    match (errors, model.misplaced_id) {
        (None, None) => expand::expand(&model),
        (Some(errors), None) => fallback::expand(&model, &errors.into_compile_error()),
        // An entity: `TagMapper` reports the other mistakes, and implements `TagFields`.
        (_, Some(id)) => syn::Error::new(id, MISPLACED_ID).into_compile_error(),
    }
}

const MISPLACED_ID: &str = "`id` is not allowed in a part, which does not identify an owner: derive `TagMapper` alone, which implements \
     `TagFields` too, or mark the field as `tag`";
