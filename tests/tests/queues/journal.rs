//! What the handlers have written down.

use std::collections::HashMap;

use super::Place;

/// One call of the handler.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) process: u32,
    begun: u128,
    /// `None` where the process was killed in the middle.
    ended: Option<u128>,
    pub(crate) end: Option<String>,
}

/// The runs of each event, by its mark.
pub(crate) struct Journal(HashMap<String, Vec<Run>>);

impl Journal {
    pub(crate) fn read(place: &Place) -> Self {
        let text = std::fs::read_to_string(place.log()).unwrap_or_default();
        let mut runs = HashMap::<String, Vec<Run>>::new();
        for line in text.lines() {
            let mut words = line.split(' ');
            let mut next = || words.next().unwrap_or_else(|| panic!("{line}"));
            let (what, mark, process, time) = (next(), next(), next(), next());
            let (process, time): (u32, u128) = (process.parse().unwrap(), time.parse().unwrap());
            let runs = runs.entry(mark.to_owned()).or_default();
            if what == "begun" {
                runs.push(Run { process, begun: time, ended: None, end: None });
                continue;
            }
            let open = runs.iter_mut().rev().find(|run| run.process == process && run.ended.is_none());
            let run = open.unwrap_or_else(|| panic!("an end without a begin: {line}"));
            (run.ended, run.end) = (Some(time), Some(what.to_owned()));
        }
        Self(runs)
    }

    pub(crate) fn runs(&self, mark: &str) -> &[Run] {
        self.0.get(mark).map_or(&[], Vec::as_slice)
    }

    /// The number of times that the handler has returned `Ok` for an event.
    pub(crate) fn handled(&self, mark: &str) -> usize {
        self.runs(mark).iter().filter(|run| run.end.as_deref() == Some("handled")).count()
    }

    /// Returns the events that two live processes have handled at the same moment. `deaths` has the times before
    /// which processes were alive that were killed.
    pub(crate) fn overlaps(&self, deaths: &HashMap<u32, u128>) -> Vec<&str> {
        let end =
            |run: &Run| run.ended.unwrap_or_else(|| deaths.get(&run.process).copied().unwrap_or(u128::MAX));
        let overlap = |one: &Run, other: &Run| {
            one.process != other.process && one.begun < end(other) && other.begun < end(one)
        };
        let is_double = |runs: &[Run]| {
            runs.iter().enumerate().any(|(n, one)| runs[n + 1..].iter().any(|other| overlap(one, other)))
        };
        self.0.iter().filter(|(_, runs)| is_double(runs)).map(|(mark, _)| mark.as_str()).collect()
    }
}

#[test]
fn overlaps_are_found_and_dead_processes_do_not_count() {
    let run = |process, begun, ended| Run { process, begun, ended, end: None };
    let journal = |runs: &[Run]| Journal(HashMap::from([("a".to_owned(), runs.to_vec())]));
    let deaths = HashMap::from([(1, 15)]);
    let overlaps = |runs: &[Run]| journal(runs).overlaps(&deaths).len();
    assert_eq!(overlaps(&[run(1, 10, Some(20)), run(2, 20, Some(30))]), 0);
    assert_eq!(overlaps(&[run(1, 10, Some(20)), run(2, 19, Some(30))]), 1);
    assert_eq!(overlaps(&[run(1, 10, None), run(2, 16, Some(30))]), 0, "it was dead by then");
    assert_eq!(overlaps(&[run(3, 10, None), run(2, 16, Some(30))]), 1, "it lives");
}
