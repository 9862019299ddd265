//! Figures of rounds, and what they shall reach.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The figures of one side in one round, by name.
pub(crate) type Sample = BTreeMap<String, f64>;

/// Deliveries, lists or tokens per second.
pub(crate) const PER_SECOND: &str = "per_second";
/// The processor time of the app for each request, in microseconds.
pub(crate) const CPU_US: &str = "cpu_us";
/// Half of the answers took no longer, in microseconds.
pub(crate) const P50_US: &str = "p50_us";
/// Ninety-nine in a hundred answers took no longer, in microseconds.
pub(crate) const P99_US: &str = "p99_us";
/// The memory of the app, in MiB.
pub(crate) const MEMORY_MIB: &str = "memory_mib";
/// The most memory that the app has had, in MiB.
pub(crate) const PEAK_MIB: &str = "peak_mib";
/// The number of times a second that a thread of the app has gone to sleep.
pub(crate) const WAKE_UPS: &str = "wake_ups_per_second";

/// The median of all rounds, the least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        let median = f64::midpoint(at(last / 2), at(last.div_ceil(2)));
        Self { median, least: at(0), most: at(last) }
    }
}

/// What a work shall reach in the median.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) bound: Bound,
}

/// A value of one round, computed from the figures of its sides.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// A figure of a side.
    Figure(&'static str, usize),
    /// A figure of one side less that of another.
    Over(&'static str, usize, usize),
    /// A figure of one side divided by that of another.
    Ratio(&'static str, usize, usize),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// The value is only shown.
    None,
}

impl Value {
    /// Computes the value of a round.
    pub(crate) fn of(self, sides: &[Sample]) -> f64 {
        let figure = |name: &str, side: usize| {
            sides.get(side).and_then(|sample| sample.get(name)).copied().unwrap_or(f64::NAN)
        };
        match self {
            Self::Figure(name, side) => figure(name, side),
            Self::Over(name, side, other) => figure(name, side) - figure(name, other),
            Self::Ratio(name, side, other) => figure(name, side) / figure(name, other),
        }
    }
}

impl Bound {
    pub(crate) fn is_reached_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { median: 2.0, least: 1.0, most: 3.0 });
        assert_eq!(Spread::of([4.0, 1.0]), Spread { median: 2.5, least: 1.0, most: 4.0 });
        assert!(Spread::of([]).median.is_nan());
    }

    #[test]
    fn a_value_without_its_figure_reaches_no_bound() {
        let sides = [Sample::from([(P50_US.to_owned(), 2.0)]), Sample::from([(P50_US.to_owned(), 3.0)])];
        assert_eq!(Value::Ratio(P50_US, 1, 0).of(&sides), 1.5);
        assert_eq!(Value::Over(P50_US, 1, 0).of(&sides), 1.0);
        let missing = Value::Ratio(PER_SECOND, 1, 0).of(&sides);
        assert!(!Bound::AtLeast(0.0).is_reached_by(missing) && !Bound::AtMost(9.0).is_reached_by(missing));
    }
}
