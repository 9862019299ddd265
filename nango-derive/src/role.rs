//! Decides what one field is: the id, a tag, or a part.

use syn::ext::IdentExt;
use syn::{Field, Path};

use crate::attr::FieldAttrs;
use crate::ctxt::Ctxt;
use crate::item::{Item, Key};
use crate::key::{DEFAULT_ID_TAG, Rename};
use crate::model::{Role, SpannedText, Target};

/// A role, with the values of the attributes that belong to it.
pub(crate) struct Mapping {
    pub(crate) role: Role,
    pub(crate) key: Option<SpannedText>,
    pub(crate) with: Option<Path>,
}

/// Checks the attributes of one field against each other. A value is read only where its attribute
/// is allowed.
pub(crate) fn read(
    cx: &mut Ctxt,
    target: Target,
    field: &Field,
    attrs: &FieldAttrs,
    rename_all: Rename,
) -> Option<Mapping> {
    if let Some(flatten) = &attrs.flatten {
        return flattened(cx, flatten, attrs);
    }
    if let Some(allow) = &attrs.allow_sensitive {
        allow.flag(cx);
    }
    match (target, &attrs.id, &attrs.tag) {
        (Target::Part, Some(_), _) => None,
        (Target::Entity, Some(id), _) => Some(self::id(cx, id, attrs)),
        (_, None, Some(tag)) => Some(self::tag(cx, target, field, tag, attrs, rename_all)),
        (_, None, None) => {
            // Otherwise, `tag` may only be misspelt.
            if !attrs.broken {
                no_role(cx, attrs);
            }
            None
        }
    }
}

fn flattened(cx: &mut Ctxt, flatten: &Item, attrs: &FieldAttrs) -> Option<Mapping> {
    let others = [&attrs.id, &attrs.tag, &attrs.scope, &attrs.with, &attrs.allow_sensitive];
    let others: Vec<_> = others.into_iter().flatten().map(|item| format!("`{}`", item.name)).collect();
    if !others.is_empty() {
        let others = others.join(", ");
        cx.error_at(
            flatten.span(),
            format!("`flatten` excludes {others}: the type of the field names its tags; remove `flatten` or the rest"),
        );
        return None;
    }
    flatten.flag(cx);
    Some(Mapping { role: Role::Flatten, key: None, with: None })
}

fn id(cx: &mut Ctxt, id: &Item, attrs: &FieldAttrs) -> Mapping {
    if let Some(tag) = &attrs.tag {
        cx.error_at(tag.span(), "the id is a tag already: remove `tag`, and name the key with `id = \"..\"`");
    }
    if let Some(scope) = &attrs.scope {
        cx.error_at(scope.span(), "the id is part of the owner already: remove `scope`");
    }
    if let Some(with) = &attrs.with {
        cx.error_at(
            with.span(),
            "`with` is not allowed on an id, which has to be read back: give the field a type of your own with `Display` \
             and `FromStr`",
        );
    }
    let default = SpannedText { text: DEFAULT_ID_TAG.to_owned(), span: id.span(), is_explicit: false };
    Mapping { role: Role::Id, key: key(cx, id, |_| Some(default)), with: None }
}

fn tag(
    cx: &mut Ctxt,
    target: Target,
    field: &Field,
    tag: &Item,
    attrs: &FieldAttrs,
    rename_all: Rename,
) -> Mapping {
    if let Some(scope) = &attrs.scope {
        match target {
            Target::Entity => scope.flag(cx),
            Target::Part => cx.error_at(
                scope.span(),
                "`scope` is not allowed in a part, which is not an owner: mark a field of the struct that derives `TagMapper`",
            ),
        }
    }
    let with = attrs.with.as_ref().and_then(|with| with.module(cx));
    let key = key(cx, tag, |cx| match &field.ident {
        // The key may be in the attribute that was not understood.
        _ if attrs.broken => None,
        Some(name) => {
            let text = rename_all.apply(&name.unraw().to_string())?;
            Some(SpannedText { text, span: name.span(), is_explicit: false })
        }
        None => {
            cx.error_at(tag.span(), "a field without a name needs a key: write `tag = \"plan\"`");
            None
        }
    });
    Mapping { role: Role::Tag { scope: attrs.scope.as_ref().map(Item::span) }, key, with }
}

/// Reports an attribute that needs another one. The first is enough: the remedy of all is the same.
fn no_role(cx: &mut Ctxt, attrs: &FieldAttrs) {
    let (item, message) = if let Some(scope) = &attrs.scope {
        (scope, "`scope` needs `tag` on the same field: write `tag, scope`")
    } else if let Some(with) = &attrs.with {
        (with, "`with` needs `tag` on the same field: write `tag, with = \"..\"`")
    } else if let Some(allow) = &attrs.allow_sensitive {
        (allow, "`allow_sensitive` needs `tag` on the same field: write `tag, allow_sensitive`, or remove it")
    } else {
        return;
    };
    cx.error_at(item.span(), message);
}

fn key(
    cx: &mut Ctxt,
    item: &Item,
    default: impl FnOnce(&mut Ctxt) -> Option<SpannedText>,
) -> Option<SpannedText> {
    match item.key(cx) {
        Key::Default => default(cx),
        Key::Explicit(key) => Some(key.into()),
        Key::Invalid => None,
    }
}
