//! The struct as the derive sees it: the mapped fields in source order, each with one role.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, GenericParam, Index, Member, Path, Token, Type};

use crate::attr::{self, FieldAttrs};
use crate::ctxt::Ctxt;
use crate::key::{Rename, snake_case};
use crate::{role, types};

/// What is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// `TagMapper`
    Entity,
    /// `TagFields`
    Part,
}

pub(crate) struct Model<'a> {
    pub(crate) target: Target,
    pub(crate) input: &'a DeriveInput,
    /// Where the generated code finds `nango_core`.
    pub(crate) krate: Path,
    pub(crate) kind: Spelled,
    pub(crate) fields: Vec<Mapped<'a>>,
    /// Fields whose attribute gave them no role.
    pub(crate) unread: Vec<&'a Field>,
    /// The type of a field that looks like the id, for the fallback and for advice.
    pub(crate) likely_id: Option<&'a Field>,
    /// Not a struct, or an attribute was not understood: what is missing may only be misspelt.
    pub(crate) incomplete: bool,
    /// A part has an id: it is probably an entity, which derives the same again.
    pub(crate) is_misplaced: bool,
}

/// A text that is sent, and where the user wrote it.
pub(crate) struct Spelled {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// In an attribute; otherwise it is the name of the item.
    pub(crate) is_given: bool,
}

pub(crate) struct Mapped<'a> {
    pub(crate) field: &'a Field,
    pub(crate) member: Member,
    pub(crate) role: Role,
    /// `None` when it has none, or the user has to name it, and was told so.
    pub(crate) key: Option<Spelled>,
    /// The type of the value: that of the field, without `Option`.
    pub(crate) value: &'a Type,
    pub(crate) optional: bool,
    pub(crate) with: Option<Path>,
    pub(crate) allow_sensitive: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    Id { word: Span },
    Tag { scope: Option<Span> },
    Flatten,
}

impl Mapped<'_> {
    pub(crate) fn is_id(&self) -> bool {
        matches!(self.role, Role::Id { .. })
    }

    pub(crate) fn scope(&self) -> Option<Span> {
        match self.role {
            Role::Tag { scope } => scope,
            Role::Id { .. } | Role::Flatten => None,
        }
    }

    pub(crate) fn is_flatten(&self) -> bool {
        matches!(self.role, Role::Flatten)
    }

    /// The type that has to implement something.
    pub(crate) fn bound_type(&self) -> &Type {
        if self.is_flatten() { &self.field.ty } else { self.value }
    }

    /// Where an error about the tag of this field belongs.
    pub(crate) fn span(&self) -> Span {
        self.key.as_ref().map_or_else(|| types::span(&self.field.ty), |key| key.span)
    }

    /// The field as the user calls it.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl Model<'_> {
    pub(crate) fn id(&self) -> Option<&Mapped<'_>> {
        self.fields.iter().find(|field| field.is_id())
    }

    /// Whether something about the struct is known to its users only.
    pub(crate) fn has_type_params(&self) -> bool {
        let mut params = self.input.generics.params.iter();
        params.any(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// The name of the struct, where the derive stands: naming it there is no use of a struct that is deprecated.
    pub(crate) fn name(&self) -> Ident {
        let mut name = self.input.ident.clone();
        name.set_span(name.span().resolved_at(Span::call_site()));
        name
    }

    pub(crate) fn is_flattening(&self) -> bool {
        self.fields.iter().any(Mapped::is_flatten)
    }
}

pub(crate) fn read<'a>(cx: &mut Ctxt, target: Target, input: &'a DeriveInput) -> Model<'a> {
    let attrs = attr::container(cx, &input.attrs);
    let rename_all = attrs.rename_all;
    if target == Target::Part
        && let Some(kind) = attrs.kind_word
    {
        cx.error_at(kind, "a part owns nothing and has no kind: remove it, or derive `TagMapper`");
    }
    let mut model = Model {
        target,
        input,
        krate: attrs.krate.unwrap_or_else(default_crate),
        kind: match &attrs.kind {
            Some(kind) => Spelled { text: kind.value(), span: kind.span(), is_given: true },
            None => Spelled {
                text: snake_case(&input.ident.unraw().to_string()),
                span: input.ident.span(),
                is_given: false,
            },
        },
        fields: Vec::new(),
        unread: Vec::new(),
        likely_id: None,
        incomplete: attrs.broken,
        is_misplaced: false,
    };
    let data = match &input.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            cx.error_at(
                data.enum_token.span,
                match target {
                    Target::Entity => {
                        "an enum has no one id: derive `TagMapper` on the struct in each variant and register the kinds \
                         one by one, as in `.entity::<User>().entity::<Organization>()`"
                    }
                    Target::Part => {
                        "an enum has no fields that are always there: give it `Display` and mark its field as a `tag`"
                    }
                },
            );
            model.incomplete = true;
            return model;
        }
        Data::Union(data) => {
            cx.error_at(
                data.union_token.span,
                "the fields of a union cannot be read safely: write a `struct`",
            );
            model.incomplete = true;
            return model;
        }
    };
    model.likely_id =
        data.fields.iter().find(|field| field.ident.as_ref().is_some_and(|ident| ident == "id"));
    for (index, field) in data.fields.iter().enumerate() {
        if attr::is_mapped(&field.attrs) {
            let attrs = attr::field(cx, &field.attrs);
            let says_id = attrs.id.is_some();
            model.incomplete |= attrs.broken;
            model.is_misplaced |= says_id && target == Target::Part;
            match mapped(cx, target, index, field, attrs, rename_all) {
                Some(mapped) => model.fields.push(mapped),
                None => {
                    model.incomplete |= says_id;
                    model.unread.push(field);
                }
            }
        }
    }
    model
}

fn mapped<'a>(
    cx: &mut Ctxt,
    target: Target,
    index: usize,
    field: &'a Field,
    attrs: FieldAttrs,
    rename_all: Option<Rename>,
) -> Option<Mapped<'a>> {
    let (role, key) = role::read(cx, target, field, &attrs, rename_all)?;
    let inner = types::in_option(&field.ty);
    Some(Mapped {
        field,
        member: match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                span: types::span(&field.ty),
            }),
        },
        role,
        key,
        value: inner.unwrap_or(&field.ty),
        optional: inner.is_some(),
        with: attrs.with,
        allow_sensitive: attrs.allow_sensitive.is_some(),
    })
}

fn default_crate() -> Path {
    let mut path = Path::from(Ident::new("nango_core", Span::call_site()));
    path.leading_colon = Some(Token![::](Span::call_site()));
    path
}
