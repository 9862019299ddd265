//! What is written beside an error: implementations that nothing calls.
//!
//! With them, one mistake in the derive stays one error, whatever the rest of the crate does with the type, and an
//! editor keeps completing on it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::{id_type, in_scope};
use crate::model::{Model, Target};
use crate::{types, view};

pub(crate) fn expand(model: &Model<'_>, errors: TokenStream) -> TokenStream {
    if model.is_misplaced {
        return errors;
    }
    let name = model.name();
    let (impl_generics, ty_generics, where_clause) = model.input.generics.split_for_impl();
    let (view, view_type) = (view::expand(model), view::type_of(model));
    let fields = quote! {
        #view

        #[automatically_derived]
        impl #impl_generics _nango::TagFields for #name #ty_generics #where_clause {
            const TAGS: &'static [&'static _nango::str] = &[];
            type View<'nango> = #view_type;

            fn put_tags(&self, _: &mut _nango::Tags) -> _nango::Result<(), _nango::TagError> {
                loop {}
            }

            fn view(_: &_nango::Tags) -> Self::View<'_> {
                loop {}
            }
        }
    };
    let entity = match model.target {
        Target::Entity => tag_mapper(model),
        Target::Part => TokenStream::new(),
    };
    let mut tokens = errors;
    in_scope(model, &quote!(#fields #entity)).to_tokens(&mut tokens);
    tokens
}

fn tag_mapper(model: &Model<'_>) -> TokenStream {
    let name = model.name();
    let (impl_generics, ty_generics, where_clause) = model.input.generics.split_for_impl();
    let id_type = likely_id_type(model);
    quote! {
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
    }
}

/// The id as the rest of the crate probably uses it.
fn likely_id_type(model: &Model<'_>) -> TokenStream {
    let field = model.id().map(|id| id.value);
    let likely = || {
        let field = model.likely_id?;
        Some(types::in_option(&field.ty).unwrap_or(&field.ty))
    };
    match field.or_else(likely) {
        Some(ty) if !types::is_generic(ty, &model.input.generics) => id_type(ty),
        _ => quote!(_nango::String),
    }
}
