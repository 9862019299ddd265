//! Sorts the items of all `#[nango(..)]` on a struct or a field. A mistake in one does not stop the
//! others from being read.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::{Attribute, Meta, Path};

use crate::ctxt::Ctxt;
use crate::item::{Item, items};
use crate::key::Rename;
use crate::symbol::{Place, Symbol, advice};

/// The attributes of the struct.
#[derive(Default)]
pub(crate) struct StructAttrs {
    pub(crate) krate: Option<Path>,
    pub(crate) kind: Option<Item>,
    pub(crate) rename_all: Rename,
    /// An item was not understood, or belongs on a field.
    pub(crate) broken: bool,
}

/// The attributes of a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) id: Option<Item>,
    pub(crate) tag: Option<Item>,
    pub(crate) flatten: Option<Item>,
    pub(crate) with: Option<Item>,
    pub(crate) scope: Option<Item>,
    pub(crate) allow_sensitive: Option<Item>,
    /// An item was not understood: another that seems to be missing may only be misspelt.
    pub(crate) broken: bool,
}

pub(crate) fn of_struct(cx: &mut Ctxt, attrs: &[Attribute]) -> StructAttrs {
    let (items, broken) = known_items(cx, attrs, Place::Struct);
    let mut read = StructAttrs { broken, ..StructAttrs::default() };
    if broken {
        read.rename_all = Rename::Unknown;
    }
    for (symbol, item) in items {
        match symbol {
            Symbol::Crate => read.krate = item.crate_path(cx),
            Symbol::Kind => read.kind = Some(item),
            Symbol::RenameAll => read.rename_all = item.rename(cx),
            _ => {}
        }
    }
    read
}

pub(crate) fn of_field(cx: &mut Ctxt, attrs: &[Attribute]) -> FieldAttrs {
    let (items, broken) = known_items(cx, attrs, Place::Field);
    let mut read = FieldAttrs { broken, ..FieldAttrs::default() };
    for (symbol, item) in items {
        let place = match symbol {
            Symbol::AllowSensitive => &mut read.allow_sensitive,
            Symbol::Flatten => &mut read.flatten,
            Symbol::Id => &mut read.id,
            Symbol::Scope => &mut read.scope,
            Symbol::Tag => &mut read.tag,
            Symbol::With => &mut read.with,
            Symbol::Crate | Symbol::Kind | Symbol::RenameAll => continue,
        };
        *place = Some(item);
    }
    read
}

pub(crate) fn is_mapped(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("nango"))
}

/// Returns `true` if the app allows what is deprecated here.
pub(crate) fn may_use_deprecated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let mut lints = list.tokens.clone().into_iter();
            lints.any(|token| matches!(token, TokenTree::Ident(lint) if lint == "deprecated"))
        }
        _ => false,
    })
}

/// Returns the table that an ORM's attribute names, as `#[sea_orm(table_name = "user")]` does.
pub(crate) fn table_name(attrs: &[Attribute]) -> Option<String> {
    let of_orm = |attr: &&Attribute| attr.path().is_ident("sea_orm") || attr.path().is_ident("diesel");
    attrs.iter().filter(of_orm).find_map(|attr| {
        let tokens: Vec<_> = attr.meta.require_list().ok()?.tokens.clone().into_iter().collect();
        tokens.windows(3).find_map(|tokens| match tokens {
            [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Literal(table)]
                if name == "table_name" =>
            {
                Some(table.to_string().trim_matches('"').to_owned())
            }
            [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Ident(table)]
                if name == "table_name" =>
            {
                Some(table.to_string())
            }
            _ => None,
        })
    })
}

/// Returns the items that belong on this place, each once, and whether there were others.
fn known_items(cx: &mut Ctxt, attrs: &[Attribute], place: Place) -> (Vec<(Symbol, Item)>, bool) {
    let mut known: Vec<(Symbol, Item)> = Vec::new();
    let mut broken = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("nango")) {
        let (items, is_understood) = items(cx, attr, place);
        broken |= !is_understood;
        for item in items {
            let Some(symbol) = Symbol::of(&item.name) else {
                let advice = advice(&item.name.unraw().to_string(), place);
                cx.error_at(item.span(), format!("unknown attribute `{}`: {advice}", item.name));
                broken = true;
                continue;
            };
            if symbol.place() != place {
                let target = match symbol.place() {
                    Place::Struct => "the struct",
                    Place::Field => "a field",
                };
                let example = symbol.example();
                cx.error_at(
                    item.span(),
                    format!("`{symbol}` is an attribute of {target}: write `#[nango({example})]` there"),
                );
                broken = true;
            } else if let Some((_, earlier)) = known.iter_mut().find(|(earlier, _)| *earlier == symbol) {
                earlier.set_ambiguous();
                cx.error_at(item.span(), format!("duplicate attribute `{symbol}`: remove one"));
            } else {
                known.push((symbol, item));
            }
        }
    }
    (known, broken)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_table_of_an_orm_is_found() {
        for (attrs, table) in [
            (vec![parse_quote!(#[sea_orm(table_name = "cake")])], Some("cake")),
            (
                vec![
                    parse_quote!(#[doc = "x"]),
                    parse_quote!(#[sea_orm(schema_name = "a", table_name = "cake")]),
                ],
                Some("cake"),
            ),
            (vec![parse_quote!(#[diesel(table_name = users, check_for_backend(Pg))])], Some("users")),
            (vec![parse_quote!(#[sea_orm(rs_type = "String")]), parse_quote!(#[table_name = "users"])], None),
        ] {
            assert_eq!(table_name(&attrs).as_deref(), table);
        }
    }
}
