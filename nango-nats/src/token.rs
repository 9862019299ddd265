//! The token of a claim: where its record and its delivery are.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The claim, as its record names it.
    pub(crate) claim: String,
    /// The sequence of the record when the claim was made.
    pub(crate) record: u64,
    /// The sequence of the event.
    pub(crate) event: u64,
    /// The subject for acknowledgements.
    pub(crate) reply: String,
}

impl Token {
    /// Reads what `to_string` returned.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let (claim, record, event) = (parts.next()?, parts.next()?, parts.next()?);
        let reply = parts.next()?.to_owned();
        Some(Self {
            claim: claim.to_owned(),
            record: record.parse().ok()?,
            event: event.parse().ok()?,
            reply,
        })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim, record, event, reply } = self;
        write!(f, "{claim}.{record}.{event}.{reply}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let reply = "$JS.ACK.nango_events_events.workers.1.7.9.1700000000000000000.0".to_owned();
        let token = Token { claim: "0a".to_owned(), record: 3, event: 7, reply };
        assert_eq!(Token::read(&token.to_string()), Some(token));
        for text in ["", "a.b.c.d", "0a.3.7", "another queue's"] {
            assert_eq!(Token::read(text), None, "{text}");
        }
    }
}
