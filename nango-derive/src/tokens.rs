//! Tokens that several parts of the generated code share.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use crate::model::MappedField;
use crate::types::{self, ReadBack};

/// Returns the type that an id, or another value, is read back as.
pub(crate) fn id_type(ty: &Type) -> TokenStream {
    match types::read_back(ty) {
        ReadBack::As(ty) => quote!(#ty),
        ReadBack::Text => quote!(_nango::String),
        ReadBack::OwnedOf(ty) => quote!(<#ty as _nango::ToOwned>::Owned),
    }
}

/// Returns an item of the type of a flattened field.
///
/// It begins and ends with tokens that look like the user's to the compiler: it then reports a type
/// that is not `TagFields` once, and not for each use.
pub(crate) fn part_item(field: &MappedField<'_>, ty: &impl ToTokens, item: &str) -> TokenStream {
    let span = types::span(&field.field.ty);
    let item = Ident::new(item, span);
    let tag_fields = quote!(_nango::TagFields);
    quote_spanned!(span=> <#ty as #tag_fields>::#item)
}

/// Returns the place of a type, with the names of the derive's call site.
pub(crate) fn call_site_span(ty: &Type) -> Span {
    types::span(ty).resolved_at(Span::call_site())
}
