//! What is written beside an error: an implementation that nothing calls.
//!
//! With it, one mistake in the derive stays one error, whatever the rest of the crate does with the type, and an editor
//! keeps completing on it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::{id_type, in_scope};
use crate::model::Model;
use crate::types;

pub(crate) fn expand(model: &Model<'_>, errors: TokenStream) -> TokenStream {
    let (name, generics) = (&model.input.ident, &model.input.generics);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let id_type = likely_id_type(model);
    let implementation = in_scope(
        model,
        &quote! {
            #[automatically_derived]
            impl #impl_generics _nango::TagMapper for #name #ty_generics #where_clause {
                type Id = #id_type;
                const KIND: &'static _nango::str = "";
                const ID_TAG: &'static _nango::str = "";
                const SCOPE_TAG: _nango::Option<&'static _nango::str> = _nango::None;
                const TAGS: &'static [&'static _nango::str] = &[];

                fn owner(&self) -> _nango::Owner {
                    loop {}
                }

                fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
                    loop {}
                }
            }
        },
    );
    let mut tokens = errors;
    implementation.to_tokens(&mut tokens);
    tokens
}

/// The id as the rest of the crate probably uses it.
fn likely_id_type(model: &Model<'_>) -> TokenStream {
    let field = model.id().map(|id| id.value);
    let likely = || model.likely_id.map(|field| types::in_option(&field.ty).unwrap_or(&field.ty));
    match field.or_else(likely) {
        Some(ty) if !types::is_generic(ty, &model.input.generics) => id_type(ty),
        _ => quote!(_nango::String),
    }
}
