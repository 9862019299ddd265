//! Conditions under which only tests compile an item.

use syn::punctuated::Punctuated;
use syn::{Attribute, ImplItem, Item, Meta, MetaList, Token};

/// Returns whether the attributes keep an item out of every build but tests'.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|condition| holds(&condition) == Some(false))
        }
        Meta::List(_) | Meta::NameValue(_) => false,
    })
}

/// Evaluates a condition for builds that are not tests. Returns `None` where it depends on more
/// than that.
fn holds(condition: &Meta) -> Option<bool> {
    match condition {
        Meta::Path(path) => (path.is_ident("test") || path.is_ident("doctest")).then_some(false),
        Meta::List(list) => holds_list(list),
        Meta::NameValue(_) => None,
    }
}

fn holds_list(list: &MetaList) -> Option<bool> {
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut parts = parts.iter().map(holds);
    if list.path.is_ident("not") {
        return parts.next().flatten().map(|holds| !holds);
    }
    // One part decides `all` when it is false, and `any` when it is true.
    let deciding = list.path.is_ident("any");
    let parts: Vec<_> = parts.collect();
    if parts.contains(&Some(deciding)) {
        return Some(deciding);
    }
    parts.iter().all(Option::is_some).then_some(!deciding)
}

pub(crate) fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

pub(crate) fn attributes_of_member(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the name that an item adds to its module. Modules and imports are recorded apart from
/// that.
pub(crate) fn name_of(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_test_only;

    fn test_only(condition: &str) -> bool {
        let item = syn::parse_str::<syn::ItemStruct>(&format!("#[cfg({condition})] struct A;")).unwrap();
        is_test_only(&item.attrs)
    }

    #[test]
    fn a_condition_that_needs_tests_is_test_only_and_a_feature_is_not() {
        for condition in ["test", "all(test, unix)", "any(test, doctest)", "not(not(test))"] {
            assert!(test_only(condition), "{condition}");
        }
        for condition in ["feature = \"a\"", "any(test, unix)", "not(test)", "all(unix, not(test))"] {
            assert!(!test_only(condition), "{condition}");
        }
    }
}
