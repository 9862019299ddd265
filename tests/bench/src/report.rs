//! The figures of a run, as a text and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::figures::{Bound, Sample, Spread};
use crate::works::Work;

/// All figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seconds: f64,
    pub(crate) rounds: u32,
    /// `true` if the figures say nothing about speed.
    pub(crate) quick: bool,
    pub(crate) works: Vec<WorkReport>,
}

/// The figures of a work.
#[derive(Debug, Serialize)]
pub(crate) struct WorkReport {
    name: String,
    about: String,
    targets: Vec<TargetReport>,
    sides: Vec<SideReport>,
}

#[derive(Debug, Serialize)]
struct TargetReport {
    name: String,
    bound: Bound,
    #[serde(flatten)]
    value: Spread,
    is_reached: bool,
}

#[derive(Debug, Serialize)]
struct SideReport {
    name: String,
    figures: BTreeMap<String, Spread>,
}

impl Report {
    pub(crate) fn new(seconds: f64, rounds: u32, quick: bool) -> Self {
        Self { seconds, rounds, quick, works: Vec::new() }
    }
}

impl WorkReport {
    /// Computes the figures of a work from its rounds, each with a sample of each side.
    pub(crate) fn of(work: &Work, sides: Vec<String>, rounds: &[Vec<Sample>]) -> Self {
        let targets = work.targets.iter().map(|target| {
            let value = Spread::of(rounds.iter().map(|sides| target.value.of(sides)));
            let is_reached = target.bound.is_reached_by(value.median);
            TargetReport { name: target.name.clone(), bound: target.bound, value, is_reached }
        });
        let sides = sides.into_iter().enumerate().map(|(side, name)| {
            let samples = || rounds.iter().filter_map(|sides| sides.get(side));
            let names = samples().flat_map(|sample| sample.keys().cloned());
            let spread = |name: &String| Spread::of(samples().filter_map(|sample| sample.get(name).copied()));
            let figures = names.map(|name| (name.clone(), spread(&name))).collect();
            SideReport { name, figures }
        });
        Self {
            name: work.name.clone(),
            about: work.about.clone(),
            targets: targets.collect(),
            sides: sides.collect(),
        }
    }
}

impl fmt::Display for WorkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.about)?;
        for TargetReport { name, bound, value, is_reached } in &self.targets {
            let verdict = match bound {
                Bound::None => String::new(),
                _ => format!("   {bound}: {}", if *is_reached { "reached" } else { "MISSED" }),
            };
            writeln!(
                f,
                "  {name:32} {:9.3} ({:.3} to {:.3}){verdict}",
                value.median, value.least, value.most
            )?;
        }
        for SideReport { name, figures } in &self.sides {
            write!(f, "    {name:22}")?;
            for (name, value) in figures {
                write!(f, " {name} {:.1}", value.median)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "at least {bound}"),
            Self::AtMost(bound) => write!(f, "at most {bound}"),
            Self::None => f.write_str("no bound"),
        }
    }
}
