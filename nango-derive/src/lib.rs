//! `#[derive(TagMapper)]`.

use proc_macro::TokenStream;

/// Placeholder.
#[proc_macro_derive(TagMapper, attributes(nango))]
pub fn derive(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
