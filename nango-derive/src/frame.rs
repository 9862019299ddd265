//! The frame of the generated code, which an expansion and a fallback share.

use proc_macro2::TokenStream;
use quote::quote;
use syn::WhereClause;

use crate::model::Model;
use crate::view::View;

/// The contents of the implementations.
pub(crate) struct Contents {
    pub(crate) bounds: Option<WhereClause>,
    pub(crate) keys: TokenStream,
    pub(crate) put_tags: TokenStream,
    /// The body of `view`.
    pub(crate) read: TokenStream,
    /// `None` for a part.
    pub(crate) mapper: Option<Mapper>,
    pub(crate) key_check: Option<TokenStream>,
}

/// The contents of the implementation of `TagMapper`.
pub(crate) struct Mapper {
    pub(crate) id_type: TokenStream,
    pub(crate) id_tag: String,
    pub(crate) kind: String,
    /// `None` without a scope, which is the trait's default.
    pub(crate) scope_tag: Option<String>,
    pub(crate) owner: TokenStream,
    pub(crate) to_tags: TokenStream,
}

/// Generates the implementations inside a `const _` block, in which `_nango` is an alias of
/// `nango-core`'s private module.
///
/// Every function is `#[inline]`: machine code is generated where one is used, and not for each struct. With it
/// in place of none, 500 structs take half of the time to build.
pub(crate) fn write(model: &Model<'_>, view: &View, contents: &Contents) -> TokenStream {
    let (krate, name) = (&model.krate, model.name());
    let (impl_generics, ty_generics, _) = model.input.generics.split_for_impl();
    let (view, view_type) = (view.definition(model), view.type_of());
    let Contents { bounds, keys, put_tags, read, mapper, key_check } = contents;
    let mapper = mapper.as_ref().map(|Mapper { id_type, id_tag, kind, scope_tag, owner, to_tags }| {
        let scope_tag = scope_tag
            .as_ref()
            .map(|key| quote!(const SCOPE_TAG: _nango::Option<&'static _nango::str> = _nango::Some(#key);));
        quote! {
            #[automatically_derived]
            impl #impl_generics _nango::TagMapper for #name #ty_generics #bounds {
                type Id = #id_type;
                const KIND: &'static _nango::str = #kind;
                const ID_TAG: &'static _nango::str = #id_tag;
                #scope_tag
                const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;

                #[inline]
                fn owner(&self) -> _nango::Owner {
                    #owner
                }

                #[inline]
                fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
                    #to_tags
                }
            }
        }
    });
    // What the app allows itself to name in the struct is named again here, in the types of fields.
    // Not in other cases: an app may forbid the lint.
    let allow = model.uses_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote! {
        #allow
        const _: () = {
            use #krate::__private as _nango;

            #view

            #[automatically_derived]
            impl #impl_generics _nango::TagFields for #name #ty_generics #bounds {
                const TAGS: &'static [&'static _nango::str] = #keys;
                type View<'nango> = #view_type;

                #[inline]
                fn put_tags(&self, tags: &mut _nango::Tags) -> _nango::Result<(), _nango::TagError> {
                    #put_tags
                }

                #[inline]
                fn view(tags: &_nango::Tags) -> Self::View<'_> {
                    #read
                }
            }

            #key_check
            #mapper
        };
    }
}
