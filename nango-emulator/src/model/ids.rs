//! Random ids and tokens, reproducible with a seed.

use std::sync::Mutex;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use uuid::Builder;

use super::keys::TOKEN_PREFIX;
use crate::lock::lock;

/// Generator of ids and tokens. A seed determines all values and their order.
pub(crate) struct Ids(Mutex<StdRng>);

impl Ids {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(seed.map_or_else(|| StdRng::from_rng(&mut rand::rng()), StdRng::seed_from_u64)))
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        lock(&self.0).fill_bytes(&mut bytes);
        bytes
    }

    /// Returns a UUID v4: connection ids, WebSocket client ids, support ids.
    pub(crate) fn uuid(&self) -> String {
        Builder::from_random_bytes(self.bytes()).into_uuid().to_string()
    }

    /// Returns a UUID v1: Nango's OAuth `state`.
    pub(crate) fn state(&self, now: Timestamp) -> String {
        // Ticks of 100 ns from 1582-10-15 to 1970-01-01.
        const GREGORIAN: i64 = 0x01B2_1DD2_1381_4000;
        let ticks = GREGORIAN.saturating_add(now.as_millisecond().saturating_mul(10_000));
        let [a, b, node @ ..] = self.bytes::<8>();
        let ticks = u64::try_from(ticks).unwrap_or_default() + u64::from(a) * 7;
        Builder::from_gregorian_timestamp(ticks, u16::from_be_bytes([a, b]), &node).into_uuid().to_string()
    }

    /// Returns `nango_connect_session_` and 64 hex digits.
    pub(crate) fn session_token(&self) -> String {
        format!("{TOKEN_PREFIX}{}", hex::encode(self.bytes::<32>()))
    }

    /// Returns 48 hex digits: PKCE verifiers, codes and tokens of the built-in provider.
    pub(crate) fn secret(&self) -> String {
        hex::encode(self.bytes::<24>())
    }

    /// Returns thirteen digits, an underscore and eight letters or digits: `errors[].log_id`.
    pub(crate) fn log_id(&self, now: Timestamp) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut rng = lock(&self.0);
        let tail: String =
            (0..8).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
        format!("{:013}_{tail}", now.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_reproduces_ids() {
        let (a, b) = (Ids::new(Some(7)), Ids::new(Some(7)));
        assert_eq!(a.uuid(), b.uuid());
        assert_eq!(a.session_token(), b.session_token());
        assert_ne!(a.uuid(), a.uuid());
    }

    #[test]
    fn states_are_uuid_v1() {
        let state = Ids::new(Some(1)).state(Timestamp::now());
        assert_eq!(uuid::Uuid::parse_str(&state).unwrap().get_version_num(), 1);
    }
}
