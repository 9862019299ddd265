//! Reads the words of one `#[nango(..)]`, and the value of each.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Meta, Path, Token};

use crate::attr::{Key, Named};
use crate::ctxt::Ctxt;
use crate::key::Rename;
use crate::symbol::{Place, Symbol};

/// One word of an attribute, with what stands behind it.
pub(crate) struct Item {
    pub(crate) word: Ident,
    value: Value,
}

enum Value {
    None,
    /// Behind an equals sign.
    Given(TokenStream),
    /// In parentheses.
    Call(TokenStream),
}

/// The words of one attribute, and whether all of it was understood.
pub(crate) fn items(cx: &mut Ctxt, attr: &Attribute, place: Place) -> (Vec<Item>, bool) {
    let example = match place {
        Place::Container => "#[nango(kind = \"user\")]",
        Place::Field => "#[nango(tag)]",
    };
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        Meta::List(_) => {
            cx.error_on(attr, format!("an empty `#[nango()]` says nothing: write `{example}` or remove it"));
            return (Vec::new(), false);
        }
        Meta::Path(_) | Meta::NameValue(_) => {
            cx.error_on(&attr.meta, format!("the attribute has a list in parentheses: write `{example}`"));
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
    // Only an unbalanced group could fail, and the compiler has refused that before.
    let items = parser.parse2(list.tokens.clone()).unwrap_or_default();
    (items, is_understood)
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    if !input.peek(Ident::peek_any) {
        let advice = match input.fork().parse::<LitStr>() {
            Ok(text) => format!("to name the tag, write `tag = {}`", text.token()),
            Err(_) => "as in `#[nango(tag)]`".to_owned(),
        };
        return Err(input.error(format!("an attribute begins with a word: {advice}")));
    }
    let word = input.call(Ident::parse_any)?;
    let value = if input.parse::<Option<Token![=]>>()?.is_some() {
        Value::Given(until_comma(input)?)
    } else if let Some((TokenTree::Group(group), _)) = input.cursor().token_tree()
        && group.delimiter() == Delimiter::Parenthesis
    {
        input.parse::<TokenTree>()?;
        Value::Call(group.stream())
    } else {
        Value::None
    };
    if input.is_empty() || input.peek(Token![,]) {
        Ok(Item { word, value })
    } else {
        Err(input.error(format!("expected `,` after `{word}`")))
    }
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

impl Item {
    pub(crate) fn named(self, cx: &mut Ctxt, symbol: Symbol) -> Named {
        let word = self.word.span();
        let key = match self.value {
            Value::None => Key::Default,
            _ => self.text(cx, symbol).map_or(Key::Broken, Key::Given),
        };
        Named { word, key }
    }

    pub(crate) fn flag(self, cx: &mut Ctxt, symbol: Symbol) -> Span {
        match &self.value {
            Value::None => {}
            Value::Given(value) | Value::Call(value) => cx.error_on(
                Self::or_word(value, &self.word),
                format!("`{symbol}` takes no value: write `{symbol}` alone"),
            ),
        }
        self.word.span()
    }

    pub(crate) fn text(&self, cx: &mut Ctxt, symbol: Symbol) -> Option<LitStr> {
        let example = symbol.example();
        match &self.value {
            Value::None => cx.error_at(self.word.span(), format!("`{symbol}` needs a value: `{example}`")),
            Value::Call(value) => cx.error_on(
                Self::or_word(value, &self.word),
                format!("the value stands behind an equals sign: `{example}`"),
            ),
            Value::Given(value) => match syn::parse2(value.clone()) {
                Ok(text) => return Some(text),
                Err(_) => {
                    let text = value.to_string().replace(' ', "");
                    let is_word = syn::parse_str::<Ident>(&text).is_ok();
                    let example = if is_word { format!("{symbol} = \"{text}\"") } else { example.to_owned() };
                    cx.error_on(
                        Self::or_word(value, &self.word),
                        format!("the value is a string: write `{example}`"),
                    );
                }
            },
        }
        None
    }

    pub(crate) fn module(&self, cx: &mut Ctxt, symbol: Symbol) -> Option<Path> {
        let text = self.text(cx, symbol)?;
        let path = text.parse_with(Path::parse_mod_style).ok();
        if path.is_none() {
            cx.error_on(&text, "expected the path of a module, as in `with = \"crate::country\"`");
        }
        path
    }

    pub(crate) fn rename(&self, cx: &mut Ctxt) -> Option<Rename> {
        let text = self.text(cx, Symbol::RenameAll)?;
        let rename = Rename::of(&text.value());
        if rename.is_none() {
            cx.error_on(
                &text,
                "Nango lower-cases tag keys: `rename_all` can be `snake_case` or `kebab-case`",
            );
        }
        rename
    }

    /// The path of `nango_core`. A relative one would mean something else in every module.
    pub(crate) fn crate_path(&self, cx: &mut Ctxt) -> Option<Path> {
        let (Value::Given(value) | Value::Call(value)) = &self.value else {
            cx.error_at(self.word.span(), "`crate` needs a path: `crate = ::nango_core`");
            return None;
        };
        if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
            let path = text.parse_with(Path::parse_mod_style).ok().map(absolute);
            let advice = path.as_ref().map_or_else(|| "::nango_core".to_owned(), path_text);
            cx.error_on(text, format!("the path stands without quotes: `crate = {advice}`"));
            return path;
        }
        let Ok(path) = Path::parse_mod_style.parse2(value.clone()) else {
            cx.error_on(
                Self::or_word(value, &self.word),
                "expected the path of `nango_core`, as in `crate = ::nango_core`",
            );
            return None;
        };
        if is_absolute(&path) {
            return Some(path);
        }
        if path.segments.first().is_some_and(|first| first.ident == "self" || first.ident == "super") {
            cx.error_on(
                &path,
                "a relative path depends on the module that it is in: begin with `crate::`, as in \
                 `crate = crate::reexports::nango_core`",
            );
            return None;
        }
        let path = absolute(path);
        let advice = path_text(&path);
        cx.error_on(
            &path.segments,
            format!("a relative path depends on the module that it is in: write `crate = {advice}`"),
        );
        Some(path)
    }

    /// What an error about a value is shown on; a value can be missing.
    fn or_word(value: &TokenStream, word: &Ident) -> TokenStream {
        if value.is_empty() { word.to_token_stream() } else { value.clone() }
    }
}

fn is_absolute(path: &Path) -> bool {
    let from_crate = |ident: &Ident| ident == "crate" || ident == "$crate";
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| from_crate(&first.ident))
}

/// What was probably meant: it lets the fallback compile.
fn absolute(mut path: Path) -> Path {
    if !is_absolute(&path) {
        path.leading_colon = Some(Token![::](path.span()));
    }
    path
}

fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
