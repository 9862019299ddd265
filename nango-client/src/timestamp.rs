//! Points in time.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, to the microsecond, in UTC.
///
/// It reads and prints as RFC 3339, and serialises as such. Nango writes four forms of it, all of
/// which can be read.
///
/// ```
/// use nango_client::Timestamp;
///
/// let time: Timestamp = "2026-11-23T09:02:01.5+00:00".parse()?;
/// assert_eq!(time.to_string(), "2026-11-23T09:02:01.5Z");
/// assert_eq!(Timestamp::from_micros(time.as_micros()), Some(time));
/// # Ok::<(), nango_client::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Returns the system's time.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().try_into().unwrap_or(Self(jiff::Timestamp::MIN))
    }

    /// Returns the time this many microseconds after 1970-01-01 00:00 UTC, or `None` outside the
    /// years -9999 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(micros).ok().map(Self)
    }

    /// Returns the microseconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Returns the time `span` later, at most the last representable one.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self(self.0.checked_add(span).unwrap_or(jiff::Timestamp::MAX))
    }

    /// Returns the time `span` earlier, at least the first representable one.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self(self.0.checked_sub(span).unwrap_or(jiff::Timestamp::MIN))
    }

    /// Returns the time that has passed since `earlier`, or zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or_default()
    }

    /// Drops what is finer than a microsecond: databases would, and times would then differ from
    /// their stored copies.
    fn to_the_microsecond(time: jiff::Timestamp) -> Result<Self, TimestampError> {
        Self::from_micros(time.as_microsecond()).ok_or(TimestampError)
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
        Self::to_the_microsecond(text.parse().map_err(|_| TimestampError)?)
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(time: SystemTime) -> Result<Self, TimestampError> {
        Self::to_the_microsecond(time.try_into().map_err(|_| TimestampError)?)
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = TimestampError;

    fn try_from(time: Timestamp) -> Result<Self, TimestampError> {
        let micros = Duration::from_micros(time.as_micros().unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH;
        let time = if time.as_micros() < 0 { epoch.checked_sub(micros) } else { epoch.checked_add(micros) };
        time.ok_or(TimestampError)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes the text as it is lent: a `Cow` would be a copy of its own of every time in a row.
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in RFC 3339")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// A value that cannot be read as a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time in RFC 3339, or outside the years -9999 to 9999")]
#[non_exhaustive]
pub struct TimestampError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_nango_writes_can_be_read() {
        let expected = "2026-11-23T09:02:01.82Z".parse::<Timestamp>().unwrap();
        for text in
            ["2026-11-23T09:02:01.820Z", "2026-11-23T09:02:01.820+00:00", "2026-11-23T09:02:01.82+00:00"]
        {
            assert_eq!(text.parse::<Timestamp>(), Ok(expected));
        }
        assert!("2026-11-23T09:02:01+00:00".parse::<Timestamp>().is_ok());
        assert_eq!("yesterday".parse::<Timestamp>(), Err(TimestampError));
    }

    #[test]
    fn system_times_convert_both_ways() {
        for micros in [-1, 0, 1_764_301_000_000_001] {
            let time = Timestamp::from_micros(micros).unwrap();
            assert_eq!(SystemTime::try_from(time).unwrap().try_into(), Ok(time));
        }
    }
}
