//! Points in time.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// A point in time, to the microsecond, in UTC.
///
/// It reads and prints as RFC 3339, and serialises as such. Nango writes four kinds of it, all of which can be read.
///
/// ```
/// use nango_core::Timestamp;
///
/// let time: Timestamp = "2026-11-23T09:02:01.5+00:00".parse()?;
/// assert_eq!(time.to_string(), "2026-11-23T09:02:01.5Z");
/// assert_eq!(Timestamp::from_micros(time.as_micros()), Some(time));
/// # Ok::<(), nango_core::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The system's clock, to the microsecond.
    #[must_use]
    pub fn now() -> Self {
        let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or(jiff::Timestamp::MIN);
        Self::from_micros(now.as_microsecond()).unwrap_or(Self(now))
    }

    /// So many microseconds after 1970-01-01 00:00 UTC, or `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(micros).ok().map(Self)
    }

    /// Microseconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The time `span` later; the last representable one when there is none.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self(self.0.checked_add(span).unwrap_or(jiff::Timestamp::MAX))
    }

    /// How long after `earlier` this is; zero when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        Self::from_micros(time.as_microsecond()).ok_or(TimestampError)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no point in time in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time in RFC 3339")]
#[non_exhaustive]
pub struct TimestampError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_that_nango_writes() {
        let expected = "2026-11-23T09:02:01.82Z".parse::<Timestamp>().unwrap();
        for text in
            ["2026-11-23T09:02:01.820Z", "2026-11-23T09:02:01.820+00:00", "2026-11-23T09:02:01.82+00:00"]
        {
            assert_eq!(text.parse::<Timestamp>(), Ok(expected));
        }
        assert!("2026-11-23T09:02:01+00:00".parse::<Timestamp>().is_ok());
        assert_eq!("yesterday".parse::<Timestamp>(), Err(TimestampError));
    }
}
