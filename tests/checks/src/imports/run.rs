//! The check over crates, and its messages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::circles::{Link, tangles};
use super::edges::edges;
use super::rooms::{self, Rooms, compare};
use crate::failure::{Failure, Result, read};
use crate::modules::{Crate, load};
use crate::workspace::{Package, Workspace};

/// The circles that are printed of each tangle. A tangle of thirty files has hundreds.
const CIRCLES_SHOWN: usize = 6;

/// Checks the crates in the directories, and all members named nango-* where none is given.
pub(crate) fn run(workspace: &Workspace, dirs: &[PathBuf]) -> Result<bool> {
    let architecture = workspace.root.join("ARCHITECTURE.md");
    let mut blocks =
        rooms::parse(&read(&architecture)?).map_err(|cause| Failure::at(&architecture, cause))?;
    let mut clean = true;
    for package in chosen(workspace, dirs)? {
        let rooms = blocks.remove(&package.name);
        for (at, root) in package.roots.iter().enumerate() {
            // Rooms are those of the library. A program beside it has a few files.
            let rooms = rooms.as_ref().filter(|_| at == 0);
            let found = load(root)?;
            let findings = findings(&found, rooms, &|path| workspace.shown(path));
            let modules = found.modules.len();
            let shown = workspace.shown(&found.modules[0].file);
            if findings.is_empty() {
                let rooms =
                    rooms.map_or("no rooms declared".to_owned(), |rooms| format!("{} rooms", rooms.len()));
                println!("{shown}: clean, {modules} modules, {rooms}");
            } else {
                clean = false;
                println!("{shown}: {modules} modules\n{findings}");
            }
        }
    }
    if dirs.is_empty() {
        for name in blocks.keys() {
            clean = false;
            println!("ARCHITECTURE.md declares rooms of {name}, which is not a member of the workspace");
        }
    }
    Ok(clean)
}

fn chosen<'a>(workspace: &'a Workspace, dirs: &[PathBuf]) -> Result<Vec<&'a Package>> {
    if dirs.is_empty() {
        return Ok(workspace.packages.iter().filter(|package| package.name.starts_with("nango-")).collect());
    }
    let find = |dir: &PathBuf| {
        let full = std::fs::canonicalize(dir).map_err(|error| Failure::at(dir, error))?;
        let package = workspace.packages.iter().find(|package| package.dir == full);
        package.ok_or_else(|| Failure::at(dir, "not the directory of a member of the workspace"))
    };
    dirs.iter().map(find).collect()
}

/// Describes all that is wrong with a crate. Empty for a clean one.
pub(crate) fn findings(found: &Crate, rooms: Option<&Rooms>, shown: &dyn Fn(&Path) -> String) -> String {
    let mut text = String::new();
    let edges = edges(found);
    let name = |folder: usize, part: usize| {
        let module = &found.modules[part];
        let file = module.file.file_name().filter(|_| part == folder);
        file.map_or_else(|| module.name.clone(), |file| file.to_string_lossy().into_owned())
    };
    let line = |text: &mut String, folder: usize, link: &Link| {
        let Link { from, to, example, uses } = link;
        let at = format!("{}:{}", shown(&example.file), example.line);
        let (from, to) = (name(folder, *from), name(folder, *to));
        let _ = writeln!(text, "    {from} -> {to}  {at}  {}  ({uses} uses)", example.path);
    };
    for tangle in tangles(found, &edges) {
        let names: Vec<String> = tangle.parts.iter().map(|part| name(tangle.folder, *part)).collect();
        let path = found.path(tangle.folder);
        let _ = writeln!(text, "  circle in {path}, {} parts: {}", names.len(), names.join(", "));
        for (at, circle) in tangle.circles.iter().take(CIRCLES_SHOWN).enumerate() {
            if at > 0 {
                text.push_str("    and\n");
            }
            circle.iter().for_each(|link| line(&mut text, tangle.folder, link));
        }
        if tangle.circles.len() > CIRCLES_SHOWN {
            let _ = writeln!(text, "    and {} more", tangle.circles.len() - CIRCLES_SHOWN);
        }
    }
    let Some(rooms) = rooms else { return text };
    let differences = compare(found, &edges, rooms);
    for room in differences.unlisted {
        let _ = writeln!(text, "  the module `{room}` is not a room in ARCHITECTURE.md, add a line for it");
    }
    for room in differences.missing {
        let _ = writeln!(text, "  the room `{room}` of ARCHITECTURE.md is not a module, remove its line");
    }
    for link in differences.upwards {
        let (from, to) = (name(0, link.from), name(0, link.to));
        let _ =
            writeln!(text, "  an import runs up: `{to}` does not stand below `{from}` in ARCHITECTURE.md");
        line(&mut text, 0, &link);
    }
    text
}
