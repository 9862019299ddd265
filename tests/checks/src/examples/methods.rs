//! The public methods of types.

use syn::visit::{Visit, visit_item_impl, visit_item_mod};
use syn::{
    Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl, ItemMod, Meta, ReceiverKind, ReturnType, Type,
    Visibility,
};

/// A public method.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) line: usize,
    pub(crate) of: String,
    pub(crate) name: String,
}

/// Lists the public methods of the types in a file that need an example: all but those that [read](is_getter) a value.
pub(crate) fn methods(file: &syn::File, types: &[&str]) -> Vec<Method> {
    let mut found = Found { types, methods: Vec::new() };
    found.visit_file(file);
    found.methods
}

struct Found<'a> {
    types: &'a [&'a str],
    methods: Vec<Method>,
}

impl<'ast> Visit<'ast> for Found<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !module.attrs.iter().any(|attribute| says(attribute, "cfg", "test")) {
            visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, implemented: &'ast ItemImpl) {
        let name = match &*implemented.self_ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        if let Some(of) =
            name.filter(|name| implemented.trait_.is_none() && self.types.contains(&name.as_str()))
        {
            for item in &implemented.items {
                if let ImplItem::Fn(method) = item
                    && matches!(method.vis, Visibility::Public(_))
                    && !method.attrs.iter().any(|attribute| {
                        says(attribute, "doc", "hidden") || attribute.path().is_ident("deprecated")
                    })
                    && !is_getter(method)
                {
                    let name = method.sig.ident.to_string();
                    self.methods.push(Method {
                        line: method.sig.ident.span().start().line,
                        of: of.clone(),
                        name,
                    });
                }
            }
        }
        visit_item_impl(self, implemented);
    }
}

fn says(attribute: &Attribute, path: &str, word: &str) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident(path) && list.tokens.to_string() == word
}

/// Returns whether a method only reads a value: `&self` and nothing else, not async, and a result that is not a `Result`. The
/// signature says how it is called.
fn is_getter(method: &ImplItemFn) -> bool {
    let mut inputs = method.sig.inputs.iter();
    let takes_self = matches!(inputs.next(), Some(FnArg::Receiver(of)) if matches!(of.kind, ReceiverKind::Reference(_, _, None)));
    let fails = match &method.sig.output {
        ReturnType::Default => true,
        ReturnType::Type(_, of) => {
            matches!(&**of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
        }
    };
    takes_self && inputs.next().is_none() && method.sig.asyncness.is_none() && !fails
}

#[cfg(test)]
mod tests {
    use super::methods;

    #[test]
    fn public_methods_are_found_and_getters_are_not() {
        let source = "impl A { pub fn a() {} pub fn b(&self) -> u8 { 1 } pub async fn c(&self) -> u8 { 1 } fn d(self) {}\n\
             pub fn e(&self) -> Result<u8, ()> { Ok(1) } #[doc(hidden)] pub fn f() {} pub fn g(&self, _: u8) -> u8 { 1 } pub(crate) fn h() {} }\n\
             impl B { pub fn a() {} }\nimpl C for A { fn i() {} }\nmod j { impl super::A { pub fn k(self) -> Self { self } } }\n\
             #[cfg(test)] mod l { impl super::A { pub fn m() {} } }";
        let found = methods(&syn::parse_file(source).unwrap(), &["A"]);
        let names: Vec<&str> = found.iter().map(|method| method.name.as_str()).collect();
        assert_eq!(names, ["a", "c", "e", "g", "k"]);
    }
}
