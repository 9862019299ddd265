//! Reads `#[nango(..)]`. A mistake in one word does not stop the others from being read.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Path};

use crate::ctxt::Ctxt;
use crate::item::{Item, items};
use crate::key::Rename;
use crate::symbol::{Place, Symbol, advice};

/// What is written on the struct.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) krate: Option<Path>,
    pub(crate) kind: Option<LitStr>,
    /// The word `kind`, whatever its value is.
    pub(crate) kind_word: Option<Span>,
    pub(crate) rename_all: Option<Rename>,
    /// Something here was not understood, or meant for a field.
    pub(crate) broken: bool,
}

/// What is written on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) id: Option<Named>,
    pub(crate) tag: Option<Named>,
    pub(crate) flatten: Option<Span>,
    pub(crate) with: Option<Path>,
    pub(crate) scope: Option<Span>,
    pub(crate) allow_sensitive: Option<Span>,
    /// Something here was not understood, so that what is missing may only be misspelt.
    pub(crate) broken: bool,
}

/// `id`, `tag`, and the same with a key.
pub(crate) struct Named {
    pub(crate) word: Span,
    pub(crate) key: Key,
}

pub(crate) enum Key {
    /// None is given.
    Default,
    Given(LitStr),
    /// What is given is no key, and the user was told so.
    Broken,
}

pub(crate) fn container(cx: &mut Ctxt, attrs: &[Attribute]) -> ContainerAttrs {
    let (items, broken) = known_items(cx, attrs, Place::Container);
    let mut read = ContainerAttrs { broken, ..ContainerAttrs::default() };
    for (symbol, item) in items {
        match symbol {
            Symbol::Crate => read.krate = item.crate_path(cx),
            Symbol::Kind => {
                read.kind_word = Some(item.word.span());
                read.kind = item.text(cx, symbol);
            }
            Symbol::RenameAll => read.rename_all = item.rename(cx),
            _ => {}
        }
    }
    read
}

pub(crate) fn field(cx: &mut Ctxt, attrs: &[Attribute]) -> FieldAttrs {
    let (items, broken) = known_items(cx, attrs, Place::Field);
    let mut read = FieldAttrs { broken, ..FieldAttrs::default() };
    for (symbol, item) in items {
        match symbol {
            Symbol::Id => read.id = Some(item.named(cx, symbol)),
            Symbol::Tag => read.tag = Some(item.named(cx, symbol)),
            Symbol::Flatten => read.flatten = Some(item.flag(cx, symbol)),
            Symbol::Scope => read.scope = Some(item.flag(cx, symbol)),
            Symbol::AllowSensitive => read.allow_sensitive = Some(item.flag(cx, symbol)),
            Symbol::With => read.with = item.module(cx, symbol),
            _ => {}
        }
    }
    read
}

/// Whether there is any of our attributes.
pub(crate) fn is_mapped(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("nango"))
}

/// The items that belong here, each once; and whether there were others.
fn known_items(cx: &mut Ctxt, attrs: &[Attribute], place: Place) -> (Vec<(Symbol, Item)>, bool) {
    let mut known: Vec<(Symbol, Item)> = Vec::new();
    let mut broken = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("nango")) {
        let (items, is_understood) = items(cx, attr, place);
        broken |= !is_understood;
        for item in items {
            let Some(symbol) = Symbol::of(&item.word) else {
                let advice = advice(&item.word.unraw().to_string(), place);
                cx.error_at(item.word.span(), format!("unknown attribute `{}`: {advice}", item.word));
                broken = true;
                continue;
            };
            if symbol.place() != place {
                let example = symbol.example();
                cx.error_at(
                    item.word.span(),
                    match place {
                        Place::Field => {
                            format!("`{symbol}` belongs on the struct: `#[nango({example})] struct ..`")
                        }
                        Place::Container => {
                            format!("`{symbol}` belongs on a field: `#[nango({example})] field: ..`")
                        }
                    },
                );
                broken = true;
            } else if known.iter().any(|(earlier, _)| *earlier == symbol) {
                cx.error_at(item.word.span(), format!("`{symbol}` is given twice: remove one"));
            } else {
                known.push((symbol, item));
            }
        }
    }
    (known, broken)
}
