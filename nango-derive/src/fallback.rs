//! Writes implementations beside an error, so that one mistake in the derive stays one error.
//!
//! Uses of the type elsewhere in the crate still compile, and an editor keeps completing on it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::frame::{self, Contents, Mapper};
use crate::model::{Model, Target};
use crate::tokens::id_type;
use crate::types;
use crate::view::{self, View};

pub(crate) fn expand(model: &Model<'_>, errors: &TokenStream) -> TokenStream {
    let body = quote!(loop {});
    let mapper = (model.target == Target::Entity).then(|| Mapper {
        id_type: likely_id_type(model),
        id_tag: String::new(),
        kind: String::new(),
        scope_tag: None,
        owner: body.clone(),
        to_tags: body.clone(),
    });
    let mut generics = model.input.generics.clone();
    if model.is_flattening() {
        generics.make_where_clause().predicates.extend(view::part_bounds(model));
    }
    let contents = Contents {
        bounds: generics.where_clause,
        keys: quote!(&[]),
        put_tags: body.clone(),
        read: body,
        mapper,
        key_check: None,
    };
    let implementations = frame::write(model, &View::of(model), &contents);
    quote!(#errors #implementations)
}

/// Returns the type of the id that the rest of the crate probably expects.
fn likely_id_type(model: &Model<'_>) -> TokenStream {
    let likely = || model.likely_id.map(|field| types::in_option(&field.ty).unwrap_or(&field.ty));
    match model.id().map(|id| id.value).or_else(likely) {
        Some(ty) if !types::is_generic(ty, &model.input.generics) => id_type(ty),
        _ => quote!(_nango::String),
    }
}
