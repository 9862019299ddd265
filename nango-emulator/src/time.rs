//! Nango's timestamp formats on the wire (wire reference 1.5; observed on Nango 0.71.4).

use jiff::Timestamp;

/// `2026-11-23T09:02:01.045Z`: sessions, integrations, credentials, import.
pub(crate) fn zulu(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// `2026-11-23T09:02:01.045+00:00`: `GET /connections/{id}`, always three digits.
pub(crate) fn offset(at: Timestamp) -> String {
    let mut text = zulu(at);
    text.truncate(text.len() - 1);
    text + "+00:00"
}

/// `2026-11-23T09:02:01.04+00:00`: `GET /connections`, the way Postgres prints JSON.
pub(crate) fn postgres(at: Timestamp) -> String {
    let text = zulu(at);
    let text = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    // A whole second ends in its own digits, which may be zeros too.
    let whole = "2026-11-23T09:02:01".len();
    if text.len() < whole {
        return format!("{}+00:00", &zulu(at)[..whole]);
    }
    format!("{text}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(zulu(at(1_795_422_798_045)), "2026-11-23T08:33:18.045Z");
        assert_eq!(offset(at(1_795_422_798_000)), "2026-11-23T08:33:18.000+00:00");
        assert_eq!(postgres(at(1_795_422_798_820)), "2026-11-23T08:33:18.82+00:00");
        assert_eq!(postgres(at(1_795_422_798_000)), "2026-11-23T08:33:18+00:00");
        assert_eq!(postgres(at(1_795_422_800_000)), "2026-11-23T08:33:20+00:00");
        assert_eq!(postgres(at(1_795_424_400_000)), "2026-11-23T09:00:00+00:00");
    }
}
