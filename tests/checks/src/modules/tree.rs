//! The module tree.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// The modules of one library or program. The first is the root.
#[derive(Debug, Default)]
pub(crate) struct Crate {
    pub(crate) modules: Vec<Module>,
    /// Lines that only tests compile, by file.
    pub(crate) test_lines: BTreeMap<PathBuf, Vec<RangeInclusive<usize>>>,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) parent: Option<usize>,
    pub(crate) file: PathBuf,
    /// `false` for a module that is written inside of another one's file.
    pub(crate) has_file: bool,
    pub(crate) children: BTreeMap<String, usize>,
    pub(crate) items: BTreeSet<String>,
    /// Imported names, and the path that each stands for.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
    pub(crate) globs: Vec<Vec<String>>,
    pub(crate) references: Vec<Reference>,
}

/// A path that a module names.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Use,
    /// A `use` that is visible outside of its module.
    Reexport,
    /// A path in code or in a macro's tokens.
    Inline,
}

impl Module {
    pub(crate) fn new(name: String, parent: Option<usize>, file: PathBuf, has_file: bool) -> Self {
        Self {
            name,
            parent,
            file,
            has_file,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            aliases: BTreeMap::new(),
            globs: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Returns whether the file speaks for a whole folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.parent.is_none() || self.file.file_name().is_some_and(|name| name == "mod.rs")
    }
}

impl Crate {
    /// Returns the module whose file the module stands in.
    pub(crate) fn home(&self, module: usize) -> usize {
        self.ancestors(module).find(|module| self.modules[*module].has_file).unwrap_or(0)
    }

    /// Iterates over a module and the modules around it, outwards.
    pub(crate) fn ancestors(&self, module: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(module), |module| self.modules[*module].parent)
    }

    /// Returns the child of `folder` that contains the module, `folder` for itself, and `None`
    /// outside of it.
    pub(crate) fn part_of(&self, folder: usize, module: usize) -> Option<usize> {
        if folder == module {
            return Some(folder);
        }
        self.ancestors(module).find(|module| self.modules[*module].parent == Some(folder))
    }

    /// Returns a module's path from the root, which is `crate`.
    pub(crate) fn path(&self, module: usize) -> String {
        let mut names: Vec<&str> =
            self.ancestors(module).map(|module| self.modules[module].name.as_str()).collect();
        names.reverse();
        names.join("::")
    }
}
