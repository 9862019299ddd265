//! Timestamp formats of the wire (wire reference 1.5; observed on Nango 0.71.4).

use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Serialize as _, Serializer, ser::Error as _};

/// Formats `2026-11-23T09:02:01.045Z`: sessions, integrations, credentials, import.
pub(crate) fn utc(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Formats `2026-11-23T09:02:01.045+00:00`, always with three digits: `GET /connections/{id}`.
pub(crate) fn with_offset(at: Timestamp) -> String {
    let mut text = utc(at);
    text.truncate(text.len() - 1);
    text + "+00:00"
}

/// Formats `2026-11-23T09:02:01.04+00:00`, as Postgres prints JSON: `GET /connections`.
pub(crate) fn postgres(at: Timestamp) -> String {
    let text = utc(at);
    let text = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    // The trimming also removes zeros of whole seconds.
    let whole = "2026-11-23T09:02:01".len();
    if text.len() < whole {
        return format!("{}+00:00", &utc(at)[..whole]);
    }
    format!("{text}+00:00")
}

/// Converts a moment for the public API.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Serializes a moment as RFC 3339 in UTC.
pub(crate) fn serialize_utc<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    Timestamp::try_from(*at).map_err(S::Error::custom)?.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_formats() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(utc(at(1_795_422_798_045)), "2026-11-23T08:33:18.045Z");
        assert_eq!(with_offset(at(1_795_422_798_000)), "2026-11-23T08:33:18.000+00:00");
        assert_eq!(postgres(at(1_795_422_798_820)), "2026-11-23T08:33:18.82+00:00");
        assert_eq!(postgres(at(1_795_422_798_000)), "2026-11-23T08:33:18+00:00");
        assert_eq!(postgres(at(1_795_422_800_000)), "2026-11-23T08:33:20+00:00");
        assert_eq!(postgres(at(1_795_424_400_000)), "2026-11-23T09:00:00+00:00");
    }
}
