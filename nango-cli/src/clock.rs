//! This machine's clock, compared with a server's.

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use nango_core::Verdict;

use crate::output::Finding;

/// The difference in seconds that a certificate, or a rate limit, does not mind.
const TOLERANCE: i64 = 30;

/// Compares this machine's clock with the `Date` of a response.
pub(crate) fn check(headers: &HeaderMap) -> Finding {
    const SUBJECT: &str = "clock";
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(theirs) = theirs else {
        return Finding::new(SUBJECT, Verdict::NotCheckable, "the app's replies have no date");
    };
    let difference = (Timestamp::now().as_second() - theirs.timestamp().as_second()).abs();
    let text = format!("this machine's and the app's differ by {difference} s");
    if difference <= TOLERANCE {
        return Finding::new(SUBJECT, Verdict::Ok, text);
    }
    let remedy = "synchronise both, since certificates and rate limits depend on them";
    Finding::new(SUBJECT, Verdict::Failed, format!("{text}; {remedy}"))
}
