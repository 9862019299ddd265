//! Masks of credentials. A mask shows which credential was used, and not the credential.

use rand::Rng as _;
use sha2::{Digest as _, Sha256};

/// Creates the masks of one emulator.
pub(crate) struct Masks {
    /// Random, so that a mask cannot be reversed by hashing likely passwords.
    key: [u8; 32],
}

impl Masks {
    pub(crate) fn random() -> Self {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self { key }
    }

    /// Returns the same mask for the same credential.
    pub(crate) fn mask(&self, credential: &str) -> String {
        let digest = Sha256::new().chain_update(self.key).chain_update(credential).finalize();
        format!("masked-{}", hex::encode(&digest[..8]))
    }

    /// Masks a header's value and keeps its scheme, such as `Bearer`.
    pub(crate) fn header(&self, value: &str) -> String {
        match split_scheme(value) {
            (Some(scheme), credential) => format!("{scheme} {}", self.mask(credential)),
            (None, credential) => self.mask(credential),
        }
    }
}

/// Splits `Bearer x` into `Bearer` and `x`.
pub(crate) fn split_scheme(value: &str) -> (Option<&str>, &str) {
    let is_scheme = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic());
    match value.split_once(' ') {
        Some((scheme, credential)) if is_scheme(scheme) => (Some(scheme), credential),
        _ => (None, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_differ_by_credential_and_by_emulator() {
        let masks = Masks::random();
        let masked = masks.header("Bearer sk-of-alice");
        assert_eq!(masked, masks.header("Bearer sk-of-alice"));
        assert!(masked.starts_with("Bearer masked-") && !masked.contains("sk-of-alice"));
        assert_ne!(masked, masks.header("Bearer sk-of-bob"));
        assert_ne!(masked, Masks::random().header("Bearer sk-of-alice"));
        assert!(masks.header("sk of alice").starts_with("sk masked-"));
        assert!(masks.header("a=b; c=d").starts_with("masked-"));
    }
}
