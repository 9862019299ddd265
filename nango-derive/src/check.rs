//! Applies Nango's rules to the model. One mistake gives one error: a rule is skipped where the
//! text that it is about was refused before.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::attr;
use crate::ctxt::Ctxt;
use crate::key::{MAX_TAGS, is_generic_name, kind_fault, secret_in, snake_case, suggestion, tag_key_fault};
use crate::model::{MappedField, Model, SpannedText, Target};
use crate::view;

pub(crate) fn check(cx: &mut Ctxt, model: &Model<'_>) {
    match model.target {
        Target::Entity => {
            kind(cx, model);
            id(cx, model);
            scope(cx, model);
        }
        Target::Part => any_tag(cx, model),
    }
    let mut accepted: Vec<&MappedField<'_>> = Vec::new();
    for field in &model.fields {
        if field.is_flatten() || (field.key.is_some() && tag(cx, field, &accepted)) {
            accessor(cx, field, &accepted);
            accepted.push(field);
        }
    }
    count(cx, model);
}

fn kind(cx: &mut Ctxt, model: &Model<'_>) {
    // An attribute that was not understood may be the kind.
    let kind = model.kind.as_ref().filter(|kind| kind.is_explicit || !model.incomplete);
    let Some(kind) = kind else { return };
    let name = model.input.ident.unraw().to_string();
    let fault = if !kind.is_explicit && is_generic_name(&name) {
        Some(format!("no kind follows from the name `{name}`, which other structs of an app have, too"))
    } else {
        kind_fault(&kind.text)
    };
    let Some(fault) = fault else { return };
    let advice = match (kind.is_explicit, suggestion(&kind.text)) {
        (true, Some(allowed)) => format!("write `{allowed}`"),
        (true, None) => "choose another, such as `user`".to_owned(),
        (false, _) => {
            let table = attr::table_name(&model.input.attrs).filter(|table| kind_fault(table).is_none());
            let example = table.unwrap_or_else(|| "user".to_owned());
            format!("name it, as in `#[nango(kind = \"{example}\")]`")
        }
    };
    cx.error_at(kind.span, format!("{fault}: {advice}"));
}

fn id(cx: &mut Ctxt, model: &Model<'_>) {
    let name = model.input.ident.unraw();
    match model.id() {
        Some(id) if id.optional => {
            let inner = id.value.to_token_stream();
            cx.error_on(
                &id.field.ty,
                format!("an id cannot be an `Option`, since every owner has one: write `{inner}`"),
            );
        }
        Some(_) => {}
        None if model.incomplete => {}
        None => {
            let advice = if model.likely_id.is_some() {
                format!("if `id` identifies a `{name}`, write `#[nango(id)]` on it")
            } else {
                format!("write `#[nango(id)]` on the field that identifies a `{name}`")
            };
            cx.error_at(model.input.ident.span(), format!("`{name}` has no id: {advice}"));
        }
    }
}

fn scope(cx: &mut Ctxt, model: &Model<'_>) {
    let mut scopes = model.fields.iter().filter_map(|field| Some((field, field.scope()?)));
    let Some((first, _)) = scopes.next() else { return };
    let name = first.name();
    for (_, span) in scopes {
        cx.error_at(span, format!("an owner has one scope, which is `{name}`: remove `scope` here"));
    }
}

fn any_tag(cx: &mut Ctxt, model: &Model<'_>) {
    if model.fields.is_empty() && model.invalid_fields.is_empty() && !model.incomplete {
        let name = &model.input.ident;
        cx.error_at(
            name.span(),
            format!("`{}` has no tag: write `#[nango(tag)]` on each field that is sent", name.unraw()),
        );
    }
}

/// Checks one tag; only its first mistake is reported. Returns `true` if there is none.
fn tag(cx: &mut Ctxt, field: &MappedField<'_>, accepted: &[&MappedField<'_>]) -> bool {
    let Some(key) = &field.key else { return false };
    let has_key = |other: &&&MappedField<'_>| other.key_text() == key.text;
    let (span, message) = if let Some(error) = sensitive(field, key) {
        error
    } else if let Some(fault) = tag_key_fault(&key.text) {
        (key.span, format!("{fault}: {}", key_advice(key)))
    } else if let Some(first) = accepted.iter().find(has_key) {
        let (text, name) = (&key.text, first.name());
        (key.span, format!("duplicate tag `{text}`, which field `{name}` has already: choose another key"))
    } else {
        return true;
    };
    cx.error_at(span, message);
    false
}

fn key_advice(key: &SpannedText) -> String {
    // A key is kept as it is spelled; the name of a field has words.
    let name = if key.is_explicit { key.text.clone() } else { snake_case(&key.text) };
    match (key.is_explicit, suggestion(&name)) {
        (true, Some(allowed)) => format!("write `{allowed}`"),
        (true, None) => "choose another, such as `plan`".to_owned(),
        (false, Some(allowed)) => format!("name it, as in `tag = \"{allowed}\"`"),
        (false, None) => "name it, as in `tag = \"plan\"`".to_owned(),
    }
}

fn sensitive(field: &MappedField<'_>, key: &SpannedText) -> Option<(Span, String)> {
    let names = [field.name(), key.text.clone()];
    let (name, secret) = names.iter().find_map(|name| Some((name, secret_in(name)?)))?;
    let message = || {
        format!(
            "`{name}` looks like {secret}, and tags are shown in Nango's dashboard: remove the attribute, or add \
             `allow_sensitive` if it is not {secret}"
        )
    };
    let span = || field.field.ident.as_ref().map_or(key.span, Ident::span);
    (!field.allow_sensitive).then(|| (span(), message()))
}

/// Refuses a second field of one name in the view: those that read tuple fields back are named after
/// keys, and can be alike.
fn accessor(cx: &mut Ctxt, field: &MappedField<'_>, accepted: &[&MappedField<'_>]) {
    if !view::is_unnamed(field) {
        return;
    }
    let name = view::accessor(field);
    if let Some(first) = accepted.iter().find(|other| view::accessor(other) == name) {
        let (first, second) = (first.name(), field.name());
        cx.error_at(
            field.span(),
            format!("fields `{first}` and `{second}` are both read back as `{name}`: give the fields names"),
        );
    }
}

fn count(cx: &mut Ctxt, model: &Model<'_>) {
    let mut tags = model.fields.iter().filter(|field| !field.is_flatten());
    if let Some(excess) = tags.nth(MAX_TAGS) {
        let count = MAX_TAGS + 1 + tags.count();
        cx.error_at(
            excess.span(),
            format!(
                "{count} tags are too many, since Nango takes ten and one is the library's: keep at most {MAX_TAGS}, \
                 those that tell connections apart"
            ),
        );
    }
}
