//! Circles among the parts of a folder: each child with all below it, and the folder's own file.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::edges::Edge;
use crate::modules::Crate;

/// The parts of one folder that all import one another, directly or not.
#[derive(Debug)]
pub(crate) struct Tangle {
    pub(crate) folder: usize,
    pub(crate) parts: BTreeSet<usize>,
    /// The shortest circle through each pair that imports each other, shortest first and each once.
    pub(crate) circles: Vec<Vec<Link>>,
}

/// One step of a circle.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) example: Edge,
    pub(crate) uses: usize,
}

/// The links that begin at a part, by the part at which they end.
type Graph = BTreeMap<usize, BTreeMap<usize, Link>>;

/// Finds the circles of all folders of a crate.
pub(crate) fn tangles(found: &Crate, edges: &[Edge]) -> Vec<Tangle> {
    let folders = (0..found.modules.len()).filter(|folder| !found.modules[*folder].children.is_empty());
    folders.flat_map(|folder| tangles_of(folder, &graph(found, folder, edges))).collect()
}

/// Draws the imports between the parts of a folder.
pub(crate) fn graph(found: &Crate, folder: usize, edges: &[Edge]) -> Graph {
    let mut graph = Graph::new();
    for edge in edges {
        if let (Some(from), Some(to)) = (found.part_of(folder, edge.from), found.part_of(folder, edge.to))
            && from != to
        {
            let link = Link { from, to, example: edge.clone(), uses: 0 };
            graph.entry(from).or_default().entry(to).or_insert(link).uses += 1;
        }
    }
    graph
}

fn tangles_of(folder: usize, graph: &Graph) -> Vec<Tangle> {
    let mut tangles: Vec<Tangle> = Vec::new();
    for (from, links) in graph {
        for link in links.values() {
            let Some(mut circle) = way(graph, link.to, *from) else { continue };
            circle.insert(0, link.clone());
            let parts: BTreeSet<usize> = circle.iter().map(|link| link.from).collect();
            // Circles that share a part are one tangle. A circle may join several.
            let (joined, apart) =
                tangles.into_iter().partition::<Vec<_>, _>(|tangle| !tangle.parts.is_disjoint(&parts));
            let mut tangle = Tangle { folder, parts, circles: Vec::new() };
            for other in joined {
                tangle.parts.extend(other.parts);
                tangle.circles.extend(other.circles);
            }
            tangle.circles.push(circle);
            tangles = apart;
            tangles.push(tangle);
        }
    }
    for tangle in &mut tangles {
        let parts_of = |circle: &[Link]| circle.iter().map(|link| link.from).collect::<BTreeSet<_>>();
        tangle.circles.sort_by_key(|circle| (circle.len(), parts_of(circle)));
        tangle.circles.dedup_by_key(|circle| parts_of(circle));
    }
    tangles
}

/// Finds the shortest way along imports.
fn way(graph: &Graph, from: usize, to: usize) -> Option<Vec<Link>> {
    let mut before: BTreeMap<usize, &Link> = BTreeMap::new();
    let mut pending = VecDeque::from([from]);
    while let Some(part) = pending.pop_front() {
        if part == to {
            let steps = std::iter::successors(before.get(&to), |link| {
                before.get(&link.from).filter(|_| link.from != from)
            });
            let mut steps: Vec<Link> = steps.map(|link| (*link).clone()).collect();
            steps.reverse();
            return Some(steps);
        }
        for link in graph.get(&part).into_iter().flat_map(BTreeMap::values) {
            if link.to != from && !before.contains_key(&link.to) {
                before.insert(link.to, link);
                pending.push_back(link.to);
            }
        }
    }
    None
}
