//! The committed figures, and what differs from them.

use std::collections::BTreeMap;

/// Counts of instructions, by the names of benchmarks.
pub(super) type Counts = BTreeMap<String, u64>;

/// The figures of all architectures, by name.
pub(super) type Figures = BTreeMap<String, Counts>;

/// The benchmark that calls the C library alone.
pub(super) const CALIBRATION: &str = "calibration";

/// The change of a count that is not reported, in percent.
pub(super) const TOLERANCE: f64 = 5.0;

/// The change of the calibration up to which the C library counts as the committed figures'.
const SAME_LIBRARY: f64 = 1.0;

/// A benchmark beside its committed figure.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    Fell,
    Grew,
    /// The figure has no benchmark any more.
    Missing,
    /// The benchmark has no figure yet.
    New,
    /// No instruction was counted.
    NotCollected,
    Within,
}

impl Verdict {
    pub(super) fn is_failure(&self) -> bool {
        !matches!(self, Self::Fell | Self::Within)
    }

    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Fell => "fell: lower the figure with --update",
            Self::Grew => {
                "GREW: make it cheaper, or raise the figure with --update and say why in the commit"
            }
            Self::Missing => "MISSING: there is no such benchmark, remove the figure with --update",
            Self::New => "NEW: add the figure with --update",
            Self::NotCollected => {
                "NOT COLLECTED: the function that it counts was renamed or inlined, see benches/instructions.rs"
            }
            Self::Within => "",
        }
    }
}

/// Returns the change in percent that is tolerated: more where the calibration shows another C library, whose
/// allocations and copies are part of every count.
pub(super) fn tolerance(committed: &Counts, measured: &Counts) -> f64 {
    let calibration = |counts: &Counts| counts.get(CALIBRATION).copied();
    match (calibration(committed), calibration(measured)) {
        (Some(committed), Some(measured)) if change(committed, measured).abs() > SAME_LIBRARY => {
            TOLERANCE + change(committed, measured).abs()
        }
        _ => TOLERANCE,
    }
}

/// Compares a benchmark with its figure. The calibration itself is no failure.
pub(super) fn judge(name: &str, committed: Option<u64>, measured: Option<u64>, tolerance: f64) -> Verdict {
    match (committed, measured) {
        (_, None) => Verdict::Missing,
        (_, Some(0)) => Verdict::NotCollected,
        (None, Some(_)) => Verdict::New,
        (Some(_), Some(_)) if name == CALIBRATION => Verdict::Within,
        (Some(committed), Some(measured)) => match change(committed, measured) {
            change if change > tolerance => Verdict::Grew,
            change if change < -tolerance => Verdict::Fell,
            _ => Verdict::Within,
        },
    }
}

/// Returns the change of a count in percent.
pub(super) fn change(committed: u64, measured: u64) -> f64 {
    (measured as f64 / committed as f64 - 1.0) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growth_beyond_the_tolerance_fails_and_a_fall_is_said() {
        let judge = |committed, measured| judge("parse", committed, measured, 5.0);
        assert_eq!(judge(Some(1_000), Some(1_049)), Verdict::Within);
        assert_eq!(judge(Some(1_000), Some(1_051)), Verdict::Grew);
        assert_eq!(judge(Some(1_000), Some(949)), Verdict::Fell);
        assert_eq!(judge(None, Some(1)), Verdict::New);
        assert_eq!(judge(Some(1), None), Verdict::Missing);
        assert_eq!(judge(Some(1_000), Some(0)), Verdict::NotCollected);
        assert!(Verdict::Grew.is_failure() && !Verdict::Fell.is_failure());
    }

    #[test]
    fn another_c_library_widens_the_tolerance_by_what_it_costs() {
        let counts = |count| Counts::from([(CALIBRATION.to_owned(), count)]);
        assert!((tolerance(&counts(1_000), &counts(1_009)) - 5.0).abs() < 0.01);
        assert!((tolerance(&counts(1_000), &counts(1_100)) - 15.0).abs() < 0.01);
        assert!((tolerance(&counts(1_000), &counts(900)) - 15.0).abs() < 0.01);
        assert_eq!(judge(CALIBRATION, Some(1_000), Some(1_500), 55.0), Verdict::Within);
    }
}
