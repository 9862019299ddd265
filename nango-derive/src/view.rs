//! Writes the type that reads tags back, with a field for each mapped field.
//!
//! Fields, since each method would be one more body for the compiler, which is what a derive costs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics, Lifetime, LifetimeParam, Member, Type, WherePredicate, parse_quote};

use crate::key::{camel_case, snake_case};
use crate::model::{MappedField, Model};
use crate::tokens::{call_site_span, id_type, part_item};
use crate::types;

/// The pieces of the view that the implementations share.
pub(crate) struct View {
    name: Ident,
    generics: Generics,
    /// The type ends with a marker, so that it uses all of its parameters, and so that its size is known even
    /// where a part has no view: the compiler asks the last field, and would report the part once more.
    is_marked: bool,
}

impl View {
    pub(crate) fn of(model: &Model<'_>) -> Self {
        let name = format_ident!("__{}Tags", camel_case(&model.input.ident.unraw().to_string()));
        let mut generics = model.input.generics.clone();
        let lifetime = LifetimeParam::new(Lifetime::new("'nango", Span::call_site()));
        generics.params.insert(0, GenericParam::Lifetime(lifetime));
        let is_generic = !model.input.generics.params.is_empty();
        Self { name, generics, is_marked: is_generic || model.fields.is_empty() || model.is_flattening() }
    }

    /// Returns the definition of the type, whose name is visible in the scope of the expansion only.
    pub(crate) fn definition(&self, model: &Model<'_>) -> TokenStream {
        let (entity, vis, view) = (model.name(), &model.input.vis, &self.name);
        let (_, entity_generics, _) = model.input.generics.split_for_impl();
        let mut generics = self.generics.clone();
        if model.is_flattening() {
            generics.make_where_clause().predicates.extend(part_bounds(model));
        }
        let (params, _, where_clause) = generics.split_for_impl();
        let doc = format!("The tags of a [`{}`], read back.", entity.unraw());
        let fields = fields(model);
        let marker = self
            .is_marked
            .then(|| quote!(__of: _nango::PhantomData<(&'nango (), fn() -> #entity #entity_generics)>,));
        quote! {
            #[doc = #doc]
            #vis struct #view #params #where_clause {
                #(#fields)*
                #marker
            }
        }
    }

    /// Returns the type, for a lifetime `'nango` that is declared around it.
    pub(crate) fn type_of(&self) -> TokenStream {
        let (view, (_, arguments, _)) = (&self.name, self.generics.split_for_impl());
        quote!(#view #arguments)
    }

    /// Returns an expression for the view of `tags`.
    pub(crate) fn read(&self, model: &Model<'_>) -> TokenStream {
        let fields = model.fields.iter().map(|field| {
            let mut name = accessor(field);
            if !field.is_flatten() {
                let key = field.key_text();
                return quote!(#name: _nango::tag(tags, #key),);
            }
            let ty = &field.field.ty;
            // An error about the part's type is at the type here, too, and so is shown once.
            name.set_span(types::span(ty));
            let (view, tags) = (part_item(field, ty, "view"), quote!(tags));
            let read = quote_spanned!(types::span(ty)=> #view(#tags));
            quote!(#name: #read,)
        });
        let marker = self.is_marked.then(|| quote!(__of: _nango::PhantomData,));
        let view = &self.name;
        quote!(#view { #(#fields)* #marker })
    }
}

/// Returns the bounds of parts whose type depends on a parameter. The struct need not declare them.
pub(crate) fn part_bounds(model: &Model<'_>) -> impl Iterator<Item = WherePredicate> {
    let parts = model.fields.iter().filter(|field| field.is_flatten());
    parts.filter_map(|part| {
        let ty = &part.field.ty;
        part.is_generic.then(|| parse_quote!(#ty: _nango::TagFields))
    })
}

/// Returns the visibility with the context of the derive: the compiler takes that of a field's first token for
/// lints about the field. What is in parentheses keeps its own, which a `$crate` needs.
fn visibility(model: &Model<'_>) -> TokenStream {
    let tokens = model.input.vis.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().resolved_at(Span::call_site()));
        token
    });
    tokens.collect()
}

fn fields(model: &Model<'_>) -> impl Iterator<Item = TokenStream> {
    let vis = visibility(model);
    let vis_of_invalid = vis.clone();
    let mut written: Vec<Ident> = Vec::new();
    let mapped = model.fields.iter().filter_map(move |field| {
        let name = accessor(field);
        // Two alike are refused, and the fallback would define both.
        let is_first = !is_unnamed(field) || !written.contains(&name);
        written.push(name.clone());
        is_first.then_some((name, field))
    });
    let fields = mapped.map(move |(name, field)| {
        if field.is_flatten() {
            let ty = &field.field.ty;
            let part_view = part_item(field, ty, "View");
            let lifetime = quote_spanned!(types::span(ty)=> <'nango>);
            let doc = format!("The tags of the field `{}`.", field.name());
            return quote!(#[doc = #doc] #vis #name: #part_view #lifetime,);
        }
        let ty = id_type(field.value);
        let doc = format!("The tag `{}`.", field.key_text());
        quote!(#[doc = #doc] #vis #name: _nango::Tag<'nango, #ty>,)
    });
    fields.chain(model.invalid_fields.iter().filter_map(move |field| {
        let (name, ty) = (field.ident.as_ref()?, id_type(&field.ty));
        Some(quote!(#vis_of_invalid #name: _nango::Tag<'nango, #ty>,))
    }))
}

/// Returns `true` for a field of a tuple, of whose names in the view two can be alike.
pub(crate) fn is_unnamed(field: &MappedField<'_>) -> bool {
    matches!(field.member, Member::Unnamed(_))
}

/// Returns the name of the view's field that reads a field back: its name, or its key, or the type of a
/// part.
pub(crate) fn accessor(field: &MappedField<'_>) -> Ident {
    let name = match (&field.member, &field.key) {
        // With the context of the derive, so that lints are about the struct's field alone: those about its
        // name, and those about the view's, which may stay unread or have a type that is more private. The
        // context has an edition, too, and the struct's may be an older one, with fewer keywords.
        (Member::Named(name), _) => {
            let span = name.span().resolved_at(Span::call_site());
            let text = name.to_string();
            return match &*text {
                "async" | "await" | "dyn" | "gen" | "try" => Ident::new_raw(&text, span),
                _ => {
                    let mut name = name.clone();
                    name.set_span(span);
                    name
                }
            };
        }
        (Member::Unnamed(_), Some(key)) => key.text.clone(),
        (Member::Unnamed(_), None) => type_name(field.value),
    };
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let span = call_site_span(field.value);
    // A keyword gets an underscore. A name that even then is not one comes from a key that was
    // refused, and the fallback still needs an accessor.
    let spellings = [name.clone(), format!("{name}_"), "refused".to_owned()];
    let is_name = |name: &&String| syn::parse_str::<Ident>(name).is_ok();
    Ident::new(spellings.iter().find(is_name).unwrap_or(&name), span)
}

fn type_name(ty: &Type) -> String {
    match types::bare(ty) {
        Type::Path(path) => path.path.segments.last().map(|last| snake_case(&last.ident.unraw().to_string())),
        _ => None,
    }
    .unwrap_or_else(|| "part".to_owned())
}
