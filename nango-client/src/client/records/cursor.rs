//! Positions in the records of a model.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// The longest cursor that Nango takes, in characters.
const MAX_LENGTH: usize = 1_000;

/// A position in the records of one model, variant and connection: all records after it have changed
/// since, and are still to be read.
///
/// It stays valid when its record changes or is gone. Store it as text, in the same transaction as the
/// effects of the records up to it, and read on from there.
///
/// ```
/// use nango_client::Cursor;
///
/// let cursor = Cursor::new("MjAyNi0xMS0yOFQwMTowNToxNi45MzI1MyswMDowMHx8YWFhMDk5MGItN2ZjNi01YmRlLTkwZDktNmNhODM0MDJjNmQ3");
/// assert_eq!(cursor.time().unwrap().to_string(), "2026-11-28T01:05:16.93253Z");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Takes the text of a cursor, as [`as_str`](Self::as_str) returns it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text of the cursor.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the time at which the cursor's record was last changed; `None` if the cursor has not
    /// the form that Nango 0.71.4 gives it: the base64 of a time and an id.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.parts().map(|(time, _)| time)
    }

    /// Returns `true` if Nango would read the text at all.
    pub(super) fn is_possible(&self) -> bool {
        (1..=MAX_LENGTH).contains(&self.0.len())
    }

    /// Returns the later of two positions, or `other` where that is unknown.
    pub(super) fn later_of(self, other: Self) -> Self {
        match (self.parts(), other.parts()) {
            (Some(one), Some(two)) if one > two => self,
            _ => other,
        }
    }

    fn parts(&self) -> Option<(Timestamp, String)> {
        let text = String::from_utf8(STANDARD.decode(&self.0).ok()?).ok()?;
        let (time, id) = text.split_once("||")?;
        let is_id = id.len() == 36
            && id.bytes().enumerate().all(|(position, byte)| match position {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        is_id.then(|| Some((time.parse().ok()?, id.to_ascii_lowercase())))?
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows the time alone.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cursor").field(&self.time()).finish()
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Cursor {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &str) -> Cursor {
        Cursor(STANDARD.encode(text))
    }

    const ID: &str = "aaa0990b-7fc6-5bde-90d9-6ca83402c6d7";

    #[test]
    fn only_a_time_with_an_id_is_a_position() {
        assert!(cursor(&format!("2026-11-28T01:05:16.93253+00:00||{ID}")).time().is_some());
        for text in ["", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z||nope", &format!("yesterday||{ID}")] {
            assert_eq!(cursor(text).time(), None, "{text}");
        }
        for text in ["zzz", "", "é"] {
            assert_eq!(Cursor::new(text).time(), None, "{text}");
        }
    }

    #[test]
    fn the_later_position_is_that_of_the_later_time_and_then_id() {
        let at = |time: &str, first: char| cursor(&format!("{time}||{first}{}", &ID[1..]));
        let (early, late) = (at("2026-11-28T01:05:16Z", 'a'), at("2026-11-28T01:05:16.000001Z", 'a'));
        assert_eq!(early.clone().later_of(late.clone()), late);
        assert_eq!(late.clone().later_of(early.clone()), late);
        let next = at("2026-11-28T01:05:16Z", 'b');
        assert_eq!(next.clone().later_of(early), next);
        assert_eq!(late.later_of(Cursor::new("zzz")), Cursor::new("zzz"));
    }
}
