//! The struct as the derive sees it: the mapped fields in source order, each with one role.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::{DeriveInput, Field, GenericParam, LitStr, Member, Path, Type};

use crate::types;

/// The derive that runs.
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
    /// The path of `nango_core`.
    pub(crate) krate: Path,
    /// `None` for a part, and for an entity whose kind was refused.
    pub(crate) kind: Option<SpannedText>,
    pub(crate) fields: Vec<MappedField<'a>>,
    /// Fields whose attribute gave them no role.
    pub(crate) invalid_fields: Vec<&'a Field>,
    /// The field that looks like the id, for the fallback and for advice.
    pub(crate) likely_id: Option<&'a Field>,
    /// Not a struct, or an attribute was not understood: what seems to be missing may only be
    /// misspelt.
    pub(crate) incomplete: bool,
    /// The first `id` in a part: the struct is probably an entity, and derives `TagMapper` too.
    pub(crate) misplaced_id: Option<Span>,
    /// The struct or a mapped field may name what is deprecated.
    pub(crate) uses_deprecated: bool,
}

/// A text that is sent, with its place in the source.
pub(crate) struct SpannedText {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Given by an attribute; otherwise derived from the name of the item.
    pub(crate) is_explicit: bool,
}

impl From<LitStr> for SpannedText {
    fn from(text: LitStr) -> Self {
        Self { text: text.value(), span: text.span(), is_explicit: true }
    }
}

pub(crate) struct MappedField<'a> {
    pub(crate) field: &'a Field,
    pub(crate) member: Member,
    pub(crate) role: Role,
    /// `None` for a part, and for a tag whose key was refused.
    pub(crate) key: Option<SpannedText>,
    /// The type of the value: that of the field, without `Option`.
    pub(crate) value: &'a Type,
    pub(crate) optional: bool,
    /// The type depends on a parameter, other than by `Self`: a bound on it is needed. One on an `Id<Self>`
    /// would often need itself, since the traits of an `Id<T>` are those of an entity `T`.
    pub(crate) is_generic: bool,
    pub(crate) with: Option<Path>,
    pub(crate) allow_sensitive: bool,
}

/// The role of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    Id,
    Tag { scope: Option<Span> },
    Flatten,
}

impl MappedField<'_> {
    pub(crate) fn is_id(&self) -> bool {
        matches!(self.role, Role::Id)
    }

    pub(crate) fn is_flatten(&self) -> bool {
        matches!(self.role, Role::Flatten)
    }

    pub(crate) fn scope(&self) -> Option<Span> {
        match self.role {
            Role::Tag { scope } => scope,
            Role::Id | Role::Flatten => None,
        }
    }

    /// Returns the key, or an empty text, which is sent nowhere.
    pub(crate) fn key_text(&self) -> &str {
        self.key.as_ref().map_or("", |key| &key.text)
    }

    /// Returns the type that has to implement a trait.
    pub(crate) fn bound_type(&self) -> &Type {
        if self.is_flatten() { &self.field.ty } else { self.value }
    }

    /// Returns the span of errors about the tag of this field.
    pub(crate) fn span(&self) -> Span {
        self.key.as_ref().map_or_else(|| types::span(&self.field.ty), |key| key.span)
    }

    /// Returns the name of the field, or its index.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl Model<'_> {
    pub(crate) fn id(&self) -> Option<&MappedField<'_>> {
        self.fields.iter().find(|field| field.is_id())
    }

    pub(crate) fn has_type_params(&self) -> bool {
        let mut params = self.input.generics.params.iter();
        params.any(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// Returns the name of the struct with the span of the derive, where naming a deprecated struct
    /// is not a use of it.
    pub(crate) fn name(&self) -> Ident {
        let mut name = self.input.ident.clone();
        name.set_span(name.span().resolved_at(Span::call_site()));
        name
    }

    pub(crate) fn is_flattening(&self) -> bool {
        self.fields.iter().any(MappedField::is_flatten)
    }
}
