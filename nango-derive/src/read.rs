//! Reads the struct into the model.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, Fields, Index, Member, Path, Token};

use crate::attr::{self, StructAttrs};
use crate::ctxt::Ctxt;
use crate::key::{Rename, snake_case};
use crate::model::{MappedField, Model, SpannedText, Target};
use crate::{role, types};

/// Reads the input, in which the struct has its name, and the original, which may say `Self`.
pub(crate) fn read<'a>(
    cx: &mut Ctxt,
    target: Target,
    input: &'a DeriveInput,
    original: &DeriveInput,
) -> Model<'a> {
    let attrs = attr::of_struct(cx, &input.attrs);
    let fields = fields(cx, target, input);
    let mut model = Model {
        target,
        input,
        kind: fields.and_then(|_| kind(cx, target, input, &attrs)),
        krate: attrs.krate.unwrap_or_else(default_crate),
        fields: Vec::new(),
        invalid_fields: Vec::new(),
        likely_id: None,
        incomplete: attrs.broken || fields.is_none(),
        misplaced_id: None,
        uses_deprecated: attr::may_use_deprecated(&input.attrs),
    };
    let originals = match &original.data {
        Data::Struct(data) => data.fields.iter(),
        Data::Enum(_) | Data::Union(_) => return model,
    };
    for (index, (field, original)) in fields.into_iter().flatten().zip(originals).enumerate() {
        if field.ident.as_ref().is_some_and(|ident| ident == "id") {
            model.likely_id = Some(field);
        }
        if attr::is_mapped(&field.attrs) {
            let is_generic = types::is_generic(&original.ty, &input.generics);
            read_field(cx, &mut model, (index, field), is_generic, attrs.rename_all);
        }
    }
    model
}

/// Returns the fields of a struct, and refuses what is not one.
fn fields<'a>(cx: &mut Ctxt, target: Target, input: &'a DeriveInput) -> Option<&'a Fields> {
    let (span, message) = match (&input.data, target) {
        (Data::Struct(data), _) => return Some(&data.fields),
        (Data::Enum(data), Target::Entity) => (
            data.enum_token.span,
            "an enum cannot be an entity, since its variants have different ids: derive `TagMapper` on the struct in \
             each variant and register each, as in `.entity::<User>().entity::<Organization>()`",
        ),
        (Data::Enum(data), Target::Part) => (
            data.enum_token.span,
            "an enum cannot be flattened, since its variants have different fields: implement `Display` for it and \
             mark the field that holds it as `tag`",
        ),
        (Data::Union(data), _) => (
            data.union_token.span,
            "a union cannot have tags, since its fields cannot be read safely: write a `struct`",
        ),
    };
    cx.error_at(span, message);
    None
}

fn kind(cx: &mut Ctxt, target: Target, input: &DeriveInput, attrs: &StructAttrs) -> Option<SpannedText> {
    match (target, &attrs.kind) {
        (Target::Entity, Some(kind)) => kind.text(cx).map(SpannedText::from),
        (Target::Entity, None) => {
            let (text, span) = (snake_case(&input.ident.unraw().to_string()), input.ident.span());
            Some(SpannedText { text, span, is_explicit: false })
        }
        (Target::Part, Some(kind)) => {
            cx.error_at(
                kind.span(),
                "`kind` is not allowed on a part, which owns no connections: remove it, or derive `TagMapper`",
            );
            None
        }
        (Target::Part, None) => None,
    }
}

fn read_field<'a>(
    cx: &mut Ctxt,
    model: &mut Model<'a>,
    (index, field): (usize, &'a Field),
    is_generic: bool,
    rename_all: Rename,
) {
    let attrs = attr::of_field(cx, &field.attrs);
    model.incomplete |= attrs.broken;
    model.uses_deprecated |= attr::may_use_deprecated(&field.attrs);
    if let (Target::Part, Some(id)) = (model.target, &attrs.id) {
        model.misplaced_id.get_or_insert(id.span());
    }
    let Some(mut mapping) = role::read(cx, model.target, field, &attrs, rename_all) else {
        model.incomplete |= attrs.id.is_some();
        model.invalid_fields.push(field);
        return;
    };
    if let (Some(id), Some(first)) = (&attrs.id, model.id()) {
        let name = first.name();
        cx.error_at(
            id.span(),
            format!(
                "an entity has one id, which is `{name}`: mark this field as `tag`, or put both in one type"
            ),
        );
        mapping.key = None;
    }
    let inner = types::in_option(&field.ty);
    model.fields.push(MappedField {
        field,
        member: match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                span: types::span(&field.ty),
            }),
        },
        role: mapping.role,
        key: mapping.key,
        value: inner.unwrap_or(&field.ty),
        optional: inner.is_some(),
        is_generic,
        with: mapping.with,
        // An unknown attribute may be this one, misspelt.
        allow_sensitive: attrs.allow_sensitive.is_some() || attrs.broken,
    });
}

fn default_crate() -> Path {
    let mut path = Path::from(Ident::new("nango_core", Span::call_site()));
    path.leading_colon = Some(Token![::](Span::call_site()));
    path
}
