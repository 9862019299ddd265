//! Collects errors, so that one build shows all of them.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;

/// The errors of all steps.
///
/// Created by [`collect`](Self::collect) only, so that no error can be lost.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: Option<syn::Error>,
}

impl Ctxt {
    /// Runs the steps and returns their errors beside their result.
    pub(crate) fn collect<T>(steps: impl FnOnce(&mut Self) -> T) -> (T, Option<syn::Error>) {
        let mut cx = Self::default();
        let result = steps(&mut cx);
        (result, cx.errors)
    }

    /// Reports an error on one token.
    pub(crate) fn error_at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Reports an error on all of these tokens.
    pub(crate) fn error_on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    fn push(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_error_in_order() {
        let ((), errors) = Ctxt::collect(|cx| {
            cx.error_at(Span::call_site(), "one");
            cx.error_on(quote::quote!(a b), "two");
        });
        let messages: Vec<_> = errors.unwrap().into_iter().map(|e| e.to_string()).collect();
        assert_eq!(messages, ["one", "two"]);
    }
}
