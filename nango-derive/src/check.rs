//! Holds the model against Nango's rules.

use quote::ToTokens;
use syn::ext::IdentExt;

use crate::ctxt::Ctxt;
use crate::key::{self, MAX_TAGS, instead_of, key_fault, kind_fault, snake_case};
use crate::model::{Mapped, Model, Role, Target};
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
    keys(cx, model);
    count(cx, model);
    accessors(cx, model);
    for field in &model.fields {
        sensitive(cx, field);
    }
}

fn kind(cx: &mut Ctxt, model: &Model<'_>) {
    let kind = &model.kind;
    if let Some(fault) = kind_fault(&kind.text) {
        let advice = match (kind.is_given, instead_of(&kind.text)) {
            (true, Some(instead)) => format!("write `{instead}`"),
            (true, None) => "choose another, such as `user`".to_owned(),
            (false, _) => "name it, as in `#[nango(kind = \"user\")]`".to_owned(),
        };
        cx.error_at(kind.span, format!("{fault}: {advice}"));
    }
}

fn id(cx: &mut Ctxt, model: &Model<'_>) {
    let mut ids = model.fields.iter().filter(|field| field.is_id());
    let Some(first) = ids.next() else {
        if !model.incomplete {
            no_id(cx, model);
        }
        return;
    };
    if first.optional {
        let inner = first.value.to_token_stream();
        cx.error_on(
            &first.field.ty,
            format!("who has no id owns nothing: an id cannot be an `Option`, write `{inner}`"),
        );
    }
    for other in ids {
        if let Role::Id { word } = other.role {
            let name = first.name();
            cx.error_at(
                word,
                format!("the id is `{name}` already: mark this field as a tag, or put both in one type"),
            );
        }
    }
}

fn no_id(cx: &mut Ctxt, model: &Model<'_>) {
    let name = model.input.ident.unraw();
    let hint = if model.likely_id.is_some() {
        format!("if `id` identifies a `{name}`, write `#[nango(id)]` on it")
    } else {
        format!("write `#[nango(id)]` on the field that identifies a `{name}`")
    };
    cx.error_at(model.input.ident.span(), format!("no field is the id: {hint}"));
}

fn any_tag(cx: &mut Ctxt, model: &Model<'_>) {
    if model.fields.is_empty() && model.unread.is_empty() && !model.incomplete {
        cx.error_at(
            model.input.ident.span(),
            "no field is a tag: write `#[nango(tag)]` on each field that is sent",
        );
    }
}

fn scope(cx: &mut Ctxt, model: &Model<'_>) {
    let mut scopes = model.fields.iter().filter_map(|field| Some((field, field.scope()?)));
    let Some((first, _)) = scopes.next() else {
        return;
    };
    let name = first.name();
    for (_, word) in scopes {
        cx.error_at(word, format!("the scope is `{name}` already: an owner has one"));
    }
}

fn keys(cx: &mut Ctxt, model: &Model<'_>) {
    for (n, field) in model.fields.iter().enumerate() {
        let Some(key) = &field.key else {
            continue;
        };
        if let Some(fault) = key_fault(&key.text) {
            // Nango's own spelling of a key that is given; the usual one of a field.
            let like = if key.is_given { key.text.clone() } else { snake_case(&key.text) };
            let advice = match (key.is_given, instead_of(&like)) {
                (true, Some(instead)) => format!("write `{instead}`"),
                (true, None) => "choose another, such as `plan`".to_owned(),
                (false, Some(instead)) => format!("name it, as in `tag = \"{instead}\"`"),
                (false, None) => "name it, as in `tag = \"plan\"`".to_owned(),
            };
            cx.error_at(key.span, format!("{fault}: {advice}"));
            continue;
        }
        let has_it = |other: &&Mapped<'_>| other.key.as_ref().is_some_and(|it| it.text == key.text);
        if let Some(first) = model.fields[..n].iter().find(has_it) {
            let (text, name) = (&key.text, first.name());
            cx.error_at(key.span, format!("the tag `{text}` is field `{name}` already: choose another key"));
        }
    }
}

/// The names that tuple fields are read back by are made of their keys, and can be alike.
fn accessors(cx: &mut Ctxt, model: &Model<'_>) {
    let names: Vec<_> = model.fields.iter().map(view::accessor).collect();
    for (n, (name, field)) in names.iter().zip(&model.fields).enumerate() {
        let Some(first) = names[..n].iter().position(|earlier| earlier == name) else {
            continue;
        };
        let text = |field: &Mapped<'_>| field.key.as_ref().map(|key| key.text.clone());
        // That one tag is there twice was told already.
        let is_told = field.key.is_some() && text(field) == text(&model.fields[first]);
        if !is_told {
            cx.error_at(
                field.span(),
                format!("two fields would be read back by a method `{name}()`: give the fields names"),
            );
        }
    }
}

fn count(cx: &mut Ctxt, model: &Model<'_>) {
    let mut tags = model.fields.iter().filter(|field| !field.is_flatten());
    if let Some(excess) = tags.nth(MAX_TAGS) {
        let count = MAX_TAGS + 1 + tags.count();
        cx.error_at(
            excess.span(),
            format!(
                "a connection has at most {MAX_TAGS} tags of your own (Nango takes ten, one is the library's), and \
                 these are {count}: keep those by which you tell connections apart"
            ),
        );
    }
}

fn sensitive(cx: &mut Ctxt, field: &Mapped<'_>) {
    if field.allow_sensitive {
        return;
    }
    let Some(key) = &field.key else {
        return;
    };
    let word = key::sensitive(&field.name()).or_else(|| key::sensitive(&key.text));
    if let Some(word) = word {
        cx.error_at(
            field.field.ident.as_ref().map_or(key.span, proc_macro2::Ident::span),
            format!(
                "tags are sent to Nango and shown in its dashboard, and this looks like {word}: remove the \
                 attribute, or say `allow_sensitive` if it is none"
            ),
        );
    }
}
