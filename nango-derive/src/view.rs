//! Writes the type that reads tags back, with a method for each mapped field.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Generics, Member, Type, WherePredicate, parse_quote};

use crate::key::{camel_case, snake_case};
use crate::model::{MappedField, Model};
use crate::tokens::{call_site_span, id_type, part_item};
use crate::types;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (entity, vis) = (model.name(), &model.input.vis);
    let (_, entity_generics, _) = model.input.generics.split_for_impl();
    let view = name(model);
    let mut generics = generics(model);
    let (params, _, where_clause) = generics.split_for_impl();
    let doc = format!("The tags of a [`{}`], read back.", entity.unraw());
    // Editors offer private fields, too, in the module of the entity.
    let definition = quote! {
        #[doc = #doc]
        #vis struct #view #params #where_clause {
            __tags: &'nango _nango::Tags,
            __of: _nango::PhantomData<fn() -> #entity #entity_generics>,
        }
    };
    generics.make_where_clause().predicates.extend(part_bounds(model));
    let (params, arguments, where_clause) = generics.split_for_impl();
    let accessors = accessors(model);
    quote! {
        #definition

        #[automatically_derived]
        impl #params #view #arguments #where_clause {
            #(#accessors)*
        }
    }
}

/// Returns the name of the type, which is visible in the scope of the expansion only.
pub(crate) fn name(model: &Model<'_>) -> Ident {
    format_ident!("__{}Tags", camel_case(&model.input.ident.unraw().to_string()))
}

/// Returns the type, for a lifetime `'nango` that is declared around it.
pub(crate) fn type_of(model: &Model<'_>) -> TokenStream {
    let view = name(model);
    let generics = generics(model);
    let (_, arguments, _) = generics.split_for_impl();
    quote!(#view #arguments)
}

fn generics(model: &Model<'_>) -> Generics {
    let mut generics = model.input.generics.clone();
    generics.params.insert(0, parse_quote!('nango));
    generics
}

/// Returns the bounds of parts whose type depends on a parameter. The struct need not declare them.
fn part_bounds(model: &Model<'_>) -> impl Iterator<Item = WherePredicate> {
    let parts = model.fields.iter().filter(|field| field.is_flatten());
    parts.filter_map(|part| {
        let ty = &part.field.ty;
        part.is_generic.then(|| parse_quote!(#ty: _nango::TagFields))
    })
}

fn accessors(model: &Model<'_>) -> impl Iterator<Item = TokenStream> {
    let vis = &model.input.vis;
    let mut written: Vec<Ident> = Vec::new();
    let mapped = model.fields.iter().filter_map(move |field| {
        let name = accessor(field);
        // Two alike are refused, and the fallback would define both.
        let is_first = !written.contains(&name);
        written.push(name.clone());
        is_first.then_some((name, field))
    });
    let accessors = mapped.map(move |(name, field)| {
        if field.is_flatten() {
            let ty = &field.field.ty;
            let part_view = part_item(field, ty, "View");
            let span = types::span(ty);
            let lifetime = quote_spanned!(span=> <'nango>);
            let (view, tags) = (part_item(field, ty, "view"), quote!(self.__tags));
            let read = quote_spanned!(span=> #view(#tags));
            let doc = format!("The tags of the field `{}`.", field.name());
            return quote! {
                #[doc = #doc]
                #[inline]
                #vis fn #name(&self) -> #part_view #lifetime {
                    #read
                }
            };
        }
        let key = field.key_text();
        let ty = id_type(field.value);
        let doc = format!("The tag `{key}`.");
        quote! {
            #[doc = #doc]
            #[inline]
            #vis fn #name(&self) -> _nango::Tag<'nango, #ty> {
                _nango::tag(self.__tags, #key)
            }
        }
    });
    accessors.chain(model.invalid_fields.iter().filter_map(move |field| {
        let (name, ty) = (field.ident.as_ref()?, id_type(&field.ty));
        Some(quote! {
            #vis fn #name(&self) -> _nango::Tag<'nango, #ty> {
                loop {}
            }
        })
    }))
}

/// Returns the name of the method that reads a field back: its name, or its key, or the type of a
/// part.
pub(crate) fn accessor(field: &MappedField<'_>) -> Ident {
    let name = match (&field.member, &field.key) {
        // With the context of the derive, so that lints are about the field alone: those about its name,
        // and those about methods, which may stay unused or return a type that is more private. The
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
