//! Frequencies of syncs.

use std::time::Duration;

/// Nango's pattern of frequencies, which its error quotes.
pub(crate) const FREQUENCY: &str = r"^(?<every>every )?((?<amount>[0-9]+)?\s?(?<unit>(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))|(?<unit2>(month|week|half day|half hour|quarter hour)))$";

const SHORTEST: Duration = Duration::from_secs(30);

/// Time between two runs of a sync, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frequency {
    /// Text as Nango stores it, such as `5 minutes` for `every 5 minutes`.
    pub(crate) text: String,
    pub(crate) period: Duration,
}

pub(crate) fn is_frequency(text: &str) -> bool {
    regex_lite::Regex::new(FREQUENCY).is_ok_and(|pattern| pattern.is_match(text))
}

impl Frequency {
    /// Parses a text that has the form of a frequency. Returns `None` for less than half a minute.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !is_frequency(text) {
            return None;
        }
        let bare = text.strip_prefix("every ").unwrap_or(text);
        let digits = bare.chars().take_while(char::is_ascii_digit).count();
        let (amount, unit) = bare.split_at(digits);
        let unit = unit.trim_start();
        // Texts without a number are written with one (observed for `half day` and `day`).
        let text = match (amount, unit) {
            ("", "half day") => "12h".to_owned(),
            ("", "half hour") => "30m".to_owned(),
            ("", "quarter hour") => "15m".to_owned(),
            ("", "week") => "1w".to_owned(),
            ("", "month") => "30d".to_owned(),
            ("", unit) => format!("1{}", &unit[..1]),
            _ => bare.to_owned(),
        };
        let seconds = match unit {
            "half day" => 12 * 3600,
            "half hour" => 30 * 60,
            "quarter hour" => 15 * 60,
            "week" => 7 * 86_400,
            "month" => 30 * 86_400,
            unit if unit.starts_with('s') => 1,
            unit if unit.starts_with('m') => 60,
            unit if unit.starts_with('h') => 3600,
            _ => 86_400,
        };
        let amount: u64 = if amount.is_empty() { 1 } else { amount.parse().ok()? };
        let period = Duration::from_secs(amount.checked_mul(seconds)?);
        (period >= SHORTEST).then_some(Self { text, period })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_normalized_as_observed() {
        for (text, stored, seconds) in [
            ("every 5 minutes", "5 minutes", 300),
            ("every half day", "12h", 43_200),
            ("every day", "1d", 86_400),
            ("every 31 days", "31 days", 31 * 86_400),
            ("5m", "5m", 300),
            ("5 mins", "5 mins", 300),
            ("every 30 seconds", "30 seconds", 30),
        ] {
            let parsed = Frequency::parse(text).unwrap();
            assert_eq!((parsed.text.as_str(), parsed.period.as_secs()), (stored, seconds), "{text}");
        }
        for refused in ["whenever", "29 seconds", "every 99999999999999999999 days"] {
            assert_eq!(Frequency::parse(refused), None, "{refused}");
        }
    }
}
