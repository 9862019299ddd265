//! What one field is: the id, a tag, or a part.

use proc_macro2::{Ident, Span};
use syn::Field;
use syn::ext::IdentExt;

use crate::attr::{FieldAttrs, Key, Named};
use crate::ctxt::Ctxt;
use crate::key::{DEFAULT_ID_TAG, Rename};
use crate::model::{Role, Spelled, Target};

/// The words of one field, held against each other.
pub(crate) fn read(
    cx: &mut Ctxt,
    target: Target,
    field: &Field,
    attrs: &FieldAttrs,
    rename_all: Option<Rename>,
) -> Option<(Role, Option<Spelled>)> {
    if let Some(flatten) = attrs.flatten {
        return is_alone(cx, flatten, attrs).then_some((Role::Flatten, None));
    }
    if target == Target::Part {
        if let Some(id) = &attrs.id {
            cx.error_at(id.word, "a part identifies nobody: derive `TagMapper` instead, which makes it a part as well, or mark \
                 the field as a tag");
            return None;
        }
        if let Some(scope) = attrs.scope {
            cx.error_at(scope, "a part is no owner: `scope` is said in the struct that derives `TagMapper`");
        }
    }
    match (&attrs.id, &attrs.tag) {
        (Some(id), tag) => {
            if let Some(tag) = tag {
                cx.error_at(tag.word, "the id is a tag already: `id = \"..\"` names the tag that carries it");
            }
            if let Some(scope) = attrs.scope {
                cx.error_at(scope, "the id is part of the owner already: remove `scope`");
            }
            if let Some(with) = &attrs.with {
                cx.error_on(
                    with,
                    "an id has to read back as well: remove `with`, and give the field a type of your own with \
                     `Display` and `FromStr`",
                );
            }
            let default = || Some(DEFAULT_ID_TAG.to_owned());
            Some((Role::Id { word: id.word }, key(cx, id, id.word, default)))
        }
        (None, Some(tag)) => {
            let name = field.ident.as_ref();
            let default = || {
                let name = name?.unraw().to_string();
                Some(rename_all.map_or_else(|| name.clone(), |rename| rename.apply(&name)))
            };
            let span = name.map_or(tag.word, Ident::span);
            Some((Role::Tag { scope: attrs.scope }, key(cx, tag, span, default)))
        }
        // What is missing may only be misspelt.
        (None, None) if attrs.broken => None,
        (None, None) => {
            if let Some(scope) = attrs.scope {
                cx.error_at(scope, "`scope` is said of a tag: write `tag, scope`");
            } else if let Some(with) = &attrs.with {
                cx.error_on(with, "`with` says how a tag is written: write `tag, with = \"..\"`");
            } else if let Some(allow) = attrs.allow_sensitive {
                cx.error_at(
                    allow,
                    "nothing of this field is sent: write `tag, allow_sensitive`, or remove it",
                );
            }
            None
        }
    }
}

/// The tags of a part are named in the part.
fn is_alone(cx: &mut Ctxt, flatten: Span, attrs: &FieldAttrs) -> bool {
    let others = [
        ("id", attrs.id.is_some()),
        ("tag", attrs.tag.is_some()),
        ("scope", attrs.scope.is_some()),
        ("with", attrs.with.is_some()),
        ("allow_sensitive", attrs.allow_sensitive.is_some()),
    ];
    let other = others.into_iter().find(|(_, is_there)| *is_there);
    if let Some((other, _)) = other {
        cx.error_at(
            flatten,
            format!("the tags of a flattened field are said in its type: remove `flatten` or `{other}`"),
        );
    }
    other.is_none()
}

fn key(
    cx: &mut Ctxt,
    named: &Named,
    span: Span,
    default: impl FnOnce() -> Option<String>,
) -> Option<Spelled> {
    match &named.key {
        Key::Broken => None,
        Key::Given(key) => Some(Spelled { text: key.value(), span: key.span(), is_given: true }),
        Key::Default => {
            let text = default();
            if text.is_none() {
                cx.error_at(named.word, "a field without a name needs a key: `tag = \"plan\"`");
            }
            text.map(|text| Spelled { text, span, is_given: false })
        }
    }
}
