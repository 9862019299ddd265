//! Reads the items of one `#[nango(..)]`, and the value of each on demand.
//!
//! A value is read only where its item is allowed: an item that has to be removed gives no error
//! about its value.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Lit, LitStr, Meta, Path, Token};

use crate::ctxt::Ctxt;
use crate::key::Rename;
use crate::symbol::{Place, Symbol};

/// One name in an attribute, with its value.
pub(crate) struct Item {
    pub(crate) name: Ident,
    value: Value,
}

enum Value {
    None,
    /// Behind an equals sign.
    Assigned(TokenStream),
    /// In parentheses.
    Call(TokenStream),
    /// Given twice, and reported.
    Ambiguous,
}

/// The tag key that an item gives.
pub(crate) enum Key {
    Default,
    Explicit(LitStr),
    /// Not a string, and reported.
    Invalid,
}

/// Returns the items of one attribute, and whether all of it was understood.
pub(crate) fn items(cx: &mut Ctxt, attr: &Attribute, place: Place) -> (Vec<Item>, bool) {
    let example = match place {
        Place::Struct => "#[nango(kind = \"user\")]",
        Place::Field => "#[nango(tag)]",
    };
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        Meta::List(_) => {
            cx.error_on(attr, format!("`#[nango()]` is empty: write `{example}` or remove it"));
            return (Vec::new(), false);
        }
        Meta::Path(_) | Meta::NameValue(_) => {
            cx.error_on(&attr.meta, format!("`nango` takes a list in parentheses: write `{example}`"));
            return (Vec::new(), false);
        }
    };
    let mut is_understood = true;
    let parser = |input: ParseStream<'_>| {
        let mut items = Vec::new();
        while !input.is_empty() {
            match item(input) {
                Ok(item) => items.push(item),
                Err(error) => {
                    cx.error_at(error.span(), error);
                    is_understood = false;
                }
            }
            until_comma(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(items)
    };
    // Only an unbalanced group could fail, and the compiler refuses that before.
    let items = parser.parse2(list.tokens.clone()).unwrap_or_default();
    (items, is_understood)
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    if !input.peek(Ident::peek_any) {
        let advice = match input.fork().parse::<LitStr>() {
            Ok(text) => format!("to name the tag, write `tag = {}`", text.token()),
            Err(_) => "write `#[nango(tag)]`".to_owned(),
        };
        return Err(input.error(format!("expected an attribute such as `tag`: {advice}")));
    }
    let name = input.call(Ident::parse_any)?;
    let value = if input.parse::<Option<Token![=]>>()?.is_some() {
        Value::Assigned(value(input)?)
    } else if let Some((TokenTree::Group(group), _)) = input.cursor().token_tree()
        && group.delimiter() == Delimiter::Parenthesis
    {
        input.parse::<TokenTree>()?;
        Value::Call(group.stream())
    } else {
        Value::None
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Item { name, value });
    }
    Err(input.error(match (&value, input.fork().parse::<TokenTree>()?) {
        (Value::None, TokenTree::Literal(text)) => format!("expected `=`: write `{name} = {text}`"),
        (_, next) => format!("expected `,` before `{next}`"),
    }))
}

/// Reads a value: one literal, or all up to the comma.
fn value(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    if input.peek(Lit) { input.parse::<TokenTree>().map(TokenStream::from) } else { until_comma(input) }
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

impl Item {
    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// Notes that another item has the same name, so that neither value counts.
    pub(crate) fn set_ambiguous(&mut self) {
        self.value = Value::Ambiguous;
    }

    /// Reads the key of `id` or `tag`.
    pub(crate) fn key(&self, cx: &mut Ctxt) -> Key {
        match self.value {
            Value::None => Key::Default,
            _ => self.text(cx).map_or(Key::Invalid, Key::Explicit),
        }
    }

    /// Refuses a value.
    pub(crate) fn flag(&self, cx: &mut Ctxt) {
        if let Value::Assigned(value) | Value::Call(value) = &self.value {
            cx.error_on(self.or_name(value), format!("`{0}` takes no value: write `{0}`", self.name));
        }
    }

    pub(crate) fn text(&self, cx: &mut Ctxt) -> Option<LitStr> {
        let (name, example) = (&self.name, self.example());
        match &self.value {
            Value::Ambiguous => {}
            Value::None => cx.error_at(name.span(), format!("`{name}` has no value: write `{example}`")),
            Value::Assigned(value) => match syn::parse2(value.clone()) {
                Ok(text) => return Some(text),
                Err(_) => {
                    let text = value.to_string().replace(' ', "");
                    let is_word = syn::parse_str::<Ident>(&text).is_ok();
                    let example = if is_word { format!("{name} = \"{text}\"") } else { example.to_owned() };
                    cx.error_on(self.or_name(value), format!("`{name}` takes a string: write `{example}`"));
                }
            },
            Value::Call(value) => {
                let text = syn::parse2::<LitStr>(value.clone());
                let example = text.map_or(example.to_owned(), |text| format!("{name} = {}", text.token()));
                cx.error_on(
                    self.or_name(value),
                    format!("`{name}` takes its value after an equals sign: write `{example}`"),
                );
            }
        }
        None
    }

    pub(crate) fn module(&self, cx: &mut Ctxt) -> Option<Path> {
        let text = self.text(cx)?;
        let path = text.parse_with(Path::parse_mod_style).ok();
        if path.is_none() {
            cx.error_on(&text, "`with` takes the path of a module: write `with = \"crate::country\"`");
        }
        path
    }

    pub(crate) fn rename(&self, cx: &mut Ctxt) -> Rename {
        let Some(text) = self.text(cx) else { return Rename::Unknown };
        let rename = Rename::named(&text.value());
        if rename == Rename::Unknown {
            cx.error_on(
                &text,
                "`rename_all` takes `snake_case` or `kebab-case`, since Nango lower-cases tag keys: write one of the two",
            );
        }
        rename
    }

    /// Reads the path of `nango_core`. A relative one would change its meaning with the module.
    pub(crate) fn crate_path(&self, cx: &mut Ctxt) -> Option<Path> {
        let value = match &self.value {
            Value::Assigned(value) | Value::Call(value) => value,
            Value::None => {
                cx.error_at(self.span(), "`crate` has no value: write `crate = ::nango_core`");
                return None;
            }
            Value::Ambiguous => return None,
        };
        if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
            let path = text.parse_with(Path::parse_mod_style).ok().map(absolute);
            let advice = path.as_ref().map_or_else(|| "::nango_core".to_owned(), path_text);
            cx.error_on(text, format!("`crate` takes a path without quotes: write `crate = {advice}`"));
            return path;
        }
        let Ok(path) = Path::parse_mod_style.parse2(value.clone()) else {
            cx.error_on(
                self.or_name(value),
                "`crate` takes the path of `nango_core`: write `crate = ::nango_core`",
            );
            return None;
        };
        if is_absolute(&path) {
            return Some(path);
        }
        let is_in_module = |first: &Ident| first == "self" || first == "super";
        let (path, advice) = if path.segments.first().is_some_and(|first| is_in_module(&first.ident)) {
            (None, "begin with `crate::`, as in `crate = crate::reexports::nango_core`".to_owned())
        } else {
            let path = absolute(path);
            let advice = format!("write `crate = {}`", path_text(&path));
            (Some(path), advice)
        };
        cx.error_on(
            value,
            format!("`crate` takes an absolute path, since every module reads a relative one differently: {advice}"),
        );
        path
    }

    fn example(&self) -> &'static str {
        Symbol::of(&self.name).map_or("", Symbol::example)
    }

    /// Returns the tokens that an error about a value is shown on. A value can be empty.
    fn or_name(&self, value: &TokenStream) -> TokenStream {
        if value.is_empty() { self.name.to_token_stream() } else { value.clone() }
    }
}

fn is_absolute(path: &Path) -> bool {
    let from_crate = |ident: &Ident| ident == "crate" || ident == "$crate";
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| from_crate(&first.ident))
}

/// Returns the path that was probably meant: with it, the fallback compiles.
fn absolute(mut path: Path) -> Path {
    if !is_absolute(&path) {
        path.leading_colon = Some(Token![::](path.span()));
    }
    path
}

fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
