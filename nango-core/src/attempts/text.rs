//! The text of an attempt: what it says, and its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nango_client::Timestamp;

use crate::keys::CODE_BYTES;

/// The first byte of a text: its format, and the kind of its target.
const CONNECT: u8 = 1;
const RECONNECT: u8 = 2;

const ID_BYTES: usize = 16;

/// The longest text that is decoded, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// The id of an attempt: a random number, as text. It is the value of the tag `attempt_id`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct AttemptId(String);

nango_client::__debug_only!(AttemptId {});

impl AttemptId {
    pub(super) fn new(bytes: &[u8; ID_BYTES]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything that the text of an attempt says, without the code that proves it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AttemptText {
    pub(super) id: [u8; ID_BYTES],
    pub(super) until: i64,
    /// The code of the owner: a text in a path is in access logs, where an owner's id, which may be an
    /// address, must not be.
    pub(super) owner: [u8; CODE_BYTES],
    pub(super) target: Target,
}

/// The aim of an attempt.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// New connections of these integrations; of any that the app allows, if there are none.
    Connect { integrations: Vec<String> },
    /// A connection that exists: its code, and its integration.
    Reconnect { connection: [u8; CODE_BYTES], integration: String },
}

impl AttemptText {
    pub(crate) fn id(&self) -> AttemptId {
        AttemptId::new(&self.id)
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the time of its expiry.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        Timestamp::from_micros(self.until.checked_mul(1_000_000)?)
    }

    /// Returns the bytes that are authenticated.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (kind, connection, integrations) = match &self.target {
            Target::Connect { integrations } => (CONNECT, &[][..], integrations.join(",")),
            Target::Reconnect { connection, integration } => {
                (RECONNECT, &connection[..], integration.clone())
            }
        };
        let until = self.until.to_be_bytes();
        [&[kind], &self.id[..], &until, &self.owner, connection, integrations.as_bytes()].concat()
    }

    /// Reads bytes that are proven.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_first_chunk::<ID_BYTES>()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let (owner, rest) = rest.split_first_chunk::<CODE_BYTES>()?;
        let text = |bytes| std::str::from_utf8(bytes).ok();
        let target = match *kind {
            CONNECT => Target::Connect { integrations: read_integrations(text(rest)?) },
            RECONNECT => {
                let (connection, rest) = rest.split_first_chunk::<CODE_BYTES>()?;
                Target::Reconnect { connection: *connection, integration: text(rest)?.to_owned() }
            }
            _ => return None,
        };
        Some(Self { id: *id, until: i64::from_be_bytes(*until), owner: *owner, target })
    }
}

/// Reads a list of integrations, whose ids contain no comma (observed on 0.71.4).
fn read_integrations(list: &str) -> Vec<String> {
    list.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Joins bytes and their code to a text for URLs.
pub(super) fn sealed(bytes: &[u8], code: [u8; CODE_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode([bytes, &code[..]].concat())
}

/// Splits a text that [`sealed`] returned. Nothing of it is proven yet.
pub(super) fn unsealed(text: &str) -> Option<(Vec<u8>, [u8; CODE_BYTES])> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let code = *bytes.last_chunk::<CODE_BYTES>()?;
    bytes.truncate(bytes.len() - CODE_BYTES);
    Some((bytes, code))
}
