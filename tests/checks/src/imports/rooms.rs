//! The rooms of a crate, as ARCHITECTURE.md declares them from top to bottom.
//!
//! A fenced block with the info string `rooms NAME-OF-CRATE` has one line for each level, `room:
//! purpose`. A room may import the rooms on lines below its own. Rooms on one line, separated by
//! commas, do not import one another. A line that begins with a blank continues the purpose.

use std::collections::BTreeMap;

use super::circles::{Link, graph};
use super::edges::Edge;
use crate::modules::Crate;

/// The line of each room in its block, counted from the top.
pub(crate) type Rooms = BTreeMap<String, usize>;

/// Reads all blocks, by crate.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Rooms>, String> {
    let mut blocks: BTreeMap<String, Rooms> = BTreeMap::new();
    let mut open: Option<&str> = None;
    for (at, line) in text.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            open = info.strip_prefix("rooms ").map(str::trim);
            if let Some(name) = open
                && blocks.insert(name.to_owned(), Rooms::new()).is_some()
            {
                return Err(format!("line {}: {name} has a block of rooms already, write one", at + 1));
            }
            continue;
        }
        let Some(rooms) = open.and_then(|name| blocks.get_mut(name)) else { continue };
        if line.trim().is_empty() || line.starts_with(' ') {
            continue;
        }
        let Some((names, _)) = line.split_once(':') else {
            return Err(format!("line {}: a room without a purpose, write `room: purpose`", at + 1));
        };
        for name in names.split(',').map(|name| name.trim().trim_end_matches('/')) {
            if rooms.insert(name.to_owned(), at).is_some() {
                return Err(format!("line {}: the room `{name}` is listed twice", at + 1));
            }
        }
    }
    Ok(blocks)
}

/// The differences between a crate and its rooms.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) unlisted: Vec<String>,
    pub(crate) missing: Vec<String>,
    /// Imports of a room that does not stand below. The crate's root file stands above all rooms.
    pub(crate) upwards: Vec<Link>,
}

pub(crate) fn compare(found: &Crate, edges: &[Edge], rooms: &Rooms) -> Differences {
    let children = &found.modules[0].children;
    let in_files = |name: &&String| children.get(*name).is_some_and(|child| found.modules[*child].has_file);
    let level = |part: usize| rooms.get(&found.modules[part].name);
    let runs_up = |link: &Link| match (level(link.from), level(link.to)) {
        (Some(from), Some(to)) => to <= from,
        // A module that is not listed is reported as such.
        _ => link.to == 0,
    };
    let graph = graph(found, 0, edges);
    Differences {
        unlisted: children
            .keys()
            .filter(in_files)
            .filter(|name| !rooms.contains_key(*name))
            .cloned()
            .collect(),
        missing: rooms.keys().filter(|name| !children.contains_key(*name)).cloned().collect(),
        upwards: graph.values().flat_map(BTreeMap::values).filter(|link| runs_up(link)).cloned().collect(),
    }
}
