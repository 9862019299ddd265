//! Finds the module that defines what a path names, through re-exports.

use super::tree::Crate;

/// The thing that a path of the same crate names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Module(usize),
    /// An item, by the module that defines it.
    Item(usize),
}

enum Found {
    Here(Target),
    OtherCrate,
    Nothing,
}

/// The names that are being looked up, which ends a look-up that comes back to itself.
type Pending<'a> = Vec<(usize, &'a str)>;

impl Crate {
    /// Resolves a path as the module reads it. Returns `None` for names of other crates and of the
    /// language.
    pub(crate) fn resolve(&self, module: usize, path: &[String]) -> Option<Target> {
        match self.walk(module, path, &mut Vec::new()) {
            Found::Here(target) => Some(target),
            Found::OtherCrate | Found::Nothing => None,
        }
    }

    fn walk<'a>(&'a self, module: usize, path: &'a [String], pending: &mut Pending<'a>) -> Found {
        let Some((first, rest)) = path.split_first() else { return Found::Nothing };
        let start = match first.as_str() {
            "crate" => Found::Here(Target::Module(0)),
            "self" => Found::Here(Target::Module(module)),
            "super" => self.outwards(module),
            name => match self.look_up(module, name, pending) {
                // A first name that the module does not know is a crate's, or the language's.
                Found::Nothing => Found::OtherCrate,
                found => found,
            },
        };
        rest.iter().fold(start, |found, name| match found {
            Found::Here(Target::Module(module)) if name == "super" => self.outwards(module),
            Found::Here(Target::Module(module)) => match self.look_up(module, name, pending) {
                // A macro may have made it.
                Found::Nothing => Found::Here(Target::Item(module)),
                found => found,
            },
            found => found,
        })
    }

    fn outwards(&self, module: usize) -> Found {
        self.modules[module].parent.map_or(Found::Nothing, |parent| Found::Here(Target::Module(parent)))
    }

    fn look_up<'a>(&'a self, module: usize, name: &'a str, pending: &mut Pending<'a>) -> Found {
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return Found::Here(Target::Module(*child));
        }
        if here.items.contains(name) {
            return Found::Here(Target::Item(module));
        }
        if pending.contains(&(module, name)) {
            return Found::Nothing;
        }
        pending.push((module, name));
        let found = match here.aliases.get(name) {
            Some(path) => self.walk(module, path, pending),
            None => self.look_up_in_globs(module, name, pending),
        };
        pending.pop();
        found
    }

    fn look_up_in_globs<'a>(&'a self, module: usize, name: &'a str, pending: &mut Pending<'a>) -> Found {
        for glob in &self.modules[module].globs {
            if let Found::Here(Target::Module(target)) = self.walk(module, glob, pending)
                && let Found::Here(target) = self.look_up(target, name, pending)
            {
                return Found::Here(target);
            }
        }
        Found::Nothing
    }
}
