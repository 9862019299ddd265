//! API keys with scopes, and the webhook signing key.

use std::sync::Mutex;

use uuid::{Uuid, Variant};

use crate::lock::lock;

/// Default API key. For development; not a secret.
pub const DEV_SECRET_KEY: &str = "d0c5ec2e-0000-4000-8000-00000000a001";

/// Default webhook signing key. For development; not a secret.
pub const DEV_SIGNING_KEY: &str = "d0c5ec2e-0000-4000-8000-00000000a002";

/// Development key that may list and read connections without their credentials.
pub const DEV_READ_KEY: &str = "1fcb5c8c-9b00-4a0c-be9c-5473254502ce";

/// Development key that may create connect sessions and nothing else.
pub const DEV_SESSIONS_KEY: &str = "ff75d256-75cc-4395-b455-41fb31dbecec";

/// Returns true for an API key that everyone can know.
pub(crate) fn is_published(key: &str) -> bool {
    [DEV_SECRET_KEY, DEV_READ_KEY, DEV_SESSIONS_KEY].contains(&key)
}

/// Prefix of connect-session tokens.
pub(crate) const TOKEN_PREFIX: &str = "nango_connect_session_";

/// Scope that covers all others.
const ALL: &str = "environment:*";

pub(crate) struct Keys {
    secret_is_published: bool,
    api: Mutex<Vec<ApiKey>>,
    signing: Mutex<Signing>,
    /// Keys that a reset restores.
    initial: (Vec<ApiKey>, Signing),
}

#[derive(Clone)]
struct ApiKey {
    key: String,
    scopes: Vec<String>,
}

#[derive(Clone)]
struct Signing {
    current: String,
    /// Previous key and the number of deliveries that still alternate between both keys.
    previous: Option<(String, u32)>,
}

fn replace(api: &mut Vec<ApiKey>, new: ApiKey) {
    api.retain(|known| known.key != new.key);
    api.push(new);
}

/// Returns true for the format of a key: a UUID v4 in RFC 9562's variant.
pub(crate) fn is_key(text: &str) -> bool {
    let random = |uuid: Uuid| uuid.get_version_num() == 4 && uuid.get_variant() == Variant::RFC4122;
    text.len() == 36 && Uuid::try_parse(text).is_ok_and(random)
}

impl Keys {
    pub(crate) fn new(
        secret: &str,
        signing: String,
        further: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> Self {
        let key = |key: &str, scopes: &[&str]| ApiKey {
            key: key.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        };
        let mut api = vec![
            key(secret, &[ALL]),
            key(DEV_READ_KEY, &["environment:connections:list", "environment:connections:read"]),
            key(DEV_SESSIONS_KEY, &["environment:connect_sessions:write"]),
        ];
        let signing = Signing { current: signing, previous: None };
        for (key, scopes) in further {
            replace(&mut api, ApiKey { key, scopes });
        }
        let initial = (api.clone(), signing.clone());
        let secret_is_published = is_published(secret);
        Self { secret_is_published, api: Mutex::new(api), signing: Mutex::new(signing), initial }
    }

    /// Returns true if the emulator was started with a published key.
    pub(crate) fn secret_is_published(&self) -> bool {
        self.secret_is_published
    }

    pub(crate) fn add(&self, key: String, scopes: Vec<String>) {
        let mut api = lock(&self.api);
        replace(&mut api, ApiKey { key, scopes });
    }

    /// Restores the configured keys.
    pub(crate) fn reset(&self) {
        let (api, signing) = self.initial.clone();
        *lock(&self.api) = api;
        *lock(&self.signing) = signing;
    }

    pub(crate) fn scopes_of(&self, key: &str) -> Option<Vec<String>> {
        let api = lock(&self.api);
        api.iter().find(|known| known.key == key).map(|known| known.scopes.clone())
    }

    pub(crate) fn signing_key(&self) -> String {
        lock(&self.signing).current.clone()
    }

    /// Returns the key for the next delivery. During the overlap of a rotation, old and new key
    /// alternate.
    pub(crate) fn signing_key_for_next(&self) -> String {
        let mut signing = lock(&self.signing);
        let Some((old, left)) = &mut signing.previous else { return signing.current.clone() };
        *left = left.saturating_sub(1);
        let use_old = *left % 2 == 1;
        let old = old.clone();
        if *left == 0 {
            signing.previous = None;
        }
        if use_old { old } else { signing.current.clone() }
    }

    pub(crate) fn rotate(&self, new: String, overlap: u32) {
        let mut signing = lock(&self.signing);
        let old = std::mem::replace(&mut signing.current, new);
        signing.previous = (overlap > 0).then_some((old, overlap));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_overlaps() {
        let keys = Keys::new("s", "old".into(), []);
        keys.rotate("new".into(), 4);
        let used: Vec<_> = (0..5).map(|_| keys.signing_key_for_next()).collect();
        assert_eq!(used, ["old", "new", "old", "new", "new"]);
        keys.reset();
        assert_eq!(keys.signing_key(), "old");
    }
}
