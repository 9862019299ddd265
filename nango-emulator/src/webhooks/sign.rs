//! Signature headers (wire reference 8.2).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Signatures over the exact body. The key is the UUID as text.
#[derive(Clone)]
pub(crate) struct Signatures {
    /// `X-Nango-Hmac-Sha256`: HMAC-SHA256, lower-case hex.
    pub(crate) hmac: String,
    /// `X-Nango-Signature`, the older header: SHA-256 over key and body.
    pub(crate) legacy: String,
}

pub(crate) fn sign(key: &str, body: &[u8]) -> Signatures {
    // HMAC accepts keys of any length.
    let hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body);
            hex::encode(mac.finalize().into_bytes())
        },
    );
    let legacy = hex::encode(Sha256::new().chain_update(key).chain_update(body).finalize());
    Signatures { hmac, legacy }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A delivery recorded from a real Nango server.
    #[test]
    fn signatures_match_a_recording() {
        let body = br#"{"authMode":"API_KEY","connectionId":"d828f3de-9824-4f46-a3e3-a7d97651cd3a","environment":"capture","from":"nango","operation":"creation","provider":"fake-apikey","providerConfigKey":"demo-apikey","success":true,"tags":{"end_user_id":"user-1","workspace":"WS-9"},"type":"auth"}"#;
        let signed = sign("5dbf086b-8331-4835-9e86-a0300af9d134", body);
        assert_eq!(signed.hmac, "eae23cb7dade57065a69004329fe4ed23788e22db11d71712a4293faa968fce0");
        assert_eq!(signed.legacy, "00c77045126831e1764fefb839dbe53a56a04d23e388e807f3d6d83a252d9f2b");
    }
}
