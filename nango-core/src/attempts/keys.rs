//! The keys of attempts and of the callback's cookie.

use std::time::Duration;

use nango_client::{ConnectionKey, Timestamp};

use super::text::{AttemptText, Target, sealed, unsealed};
use crate::config::ConfigError;
use crate::keys::{AppKeys, DerivedKeys};
use crate::owner::Owner;

/// The time for which the clocks of two instances may differ.
pub(super) const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The length of all integrations above which an attempt does not name them, in bytes.
const MAX_INTEGRATIONS: usize = 1_500;

/// Signs attempts, and verifies them.
pub(crate) struct AttemptKeys {
    texts: DerivedKeys,
    owners: DerivedKeys,
    connections: DerivedKeys,
}

impl AttemptKeys {
    /// Derives the keys. Each use has a label of its own, which has the app's name: the attempts of
    /// another app with the same keys are foreign.
    pub(crate) fn new(keys: &AppKeys<'_>, app: Option<&str>) -> Result<Self, ConfigError> {
        let derived =
            |what: &str| keys.derived(&format!("nango-core attempt {what} {}", app.unwrap_or_default()));
        Ok(Self { texts: derived("text")?, owners: derived("owner")?, connections: derived("connection")? })
    }

    /// Begins an attempt, with a random id.
    pub(crate) fn begin(&self, owner: &Owner, integrations: Vec<String>) -> AttemptText {
        // They only narrow the looks at Nango, and a long text does not fit into a path.
        let is_long = integrations.iter().map(String::len).sum::<usize>() > MAX_INTEGRATIONS;
        let integrations = if is_long { Vec::new() } else { integrations };
        self.begin_with(owner, |_| Target::Connect { integrations })
    }

    /// Begins an attempt to authorise a connection again.
    pub(crate) fn begin_reconnect(&self, owner: &Owner, key: &ConnectionKey) -> AttemptText {
        self.begin_with(owner, |id| Target::Reconnect {
            connection: self.connections.code(&connection_parts(id, key)),
            integration: key.integration().to_owned(),
        })
    }

    fn begin_with(&self, owner: &Owner, target: impl FnOnce(&[u8]) -> Target) -> AttemptText {
        let id: [u8; 16] = rand::random();
        let owner = self.owners.code(&owner_parts(&id, owner));
        AttemptText { id, until: 0, owner, target: target(&id) }
    }

    /// Sets the expiry, and returns the attempt with its text.
    pub(crate) fn seal(&self, attempt: AttemptText, until: Timestamp) -> (AttemptText, String) {
        let attempt = AttemptText { until: seconds(until), ..attempt };
        let bytes = attempt.to_bytes();
        let text = sealed(&bytes, self.texts.code(&[&bytes]));
        (attempt, text)
    }

    /// Reads a text that [`seal`](Self::seal) returned for this owner, by any instance of the app;
    /// `None` for every other one.
    pub(crate) fn open(&self, text: &str, owner: &Owner) -> Option<AttemptText> {
        let (bytes, code) = unsealed(text)?;
        // rule: forged-attempt
        if !self.texts.accepts(&code, &[&bytes]) {
            return None;
        }
        // rule: foreign-attempt
        AttemptText::from_bytes(&bytes)
            .filter(|attempt| self.owners.accepts(&attempt.owner, &owner_parts(&attempt.id, owner)))
    }

    /// Signs bytes that need not say anything.
    #[cfg(fuzzing)]
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        sealed(bytes, self.texts.code(&[bytes]))
    }

    /// Returns whether an attempt is one to authorise this connection again.
    pub(crate) fn is_of(&self, attempt: &AttemptText, key: &ConnectionKey) -> bool {
        match &attempt.target {
            Target::Reconnect { connection, .. } => {
                self.connections.accepts(connection, &connection_parts(&attempt.id, key))
            }
            Target::Connect { .. } => false,
        }
    }
}

impl AttemptText {
    /// Returns whether the attempt has expired, by the clock of any instance.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.until().is_none_or(|until| until.saturating_add(CLOCK_SKEW) < now)
    }
}

/// Returns whole seconds since 1970.
pub(super) fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

/// With the attempt's id, so that two attempts do not show that they are of one owner. An owner without
/// a scope has a part less: it is not the one whose scope is empty.
fn owner_parts<'a>(id: &'a [u8], owner: &'a Owner) -> Vec<&'a [u8]> {
    let mut parts = vec![id, owner.kind().as_bytes(), owner.id().as_bytes()];
    parts.extend(owner.scope().map(str::as_bytes));
    parts
}

fn connection_parts<'a>(id: &'a [u8], key: &'a ConnectionKey) -> [&'a [u8]; 3] {
    [id, key.integration().as_bytes(), key.connection_id().as_bytes()]
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use nango_client::ApiKey;

    use super::*;

    fn keys(keys: &[&str], app: Option<&str>) -> AttemptKeys {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let api_key = ApiKey::new("api").unwrap();
        AttemptKeys::new(&AppKeys::new(&keys, &api_key).unwrap(), app).unwrap()
    }

    fn sealed_for(keys: &AttemptKeys, owner: &Owner) -> String {
        keys.seal(keys.begin(owner, vec!["slack".to_owned(), "github".to_owned()]), Timestamp::now()).1
    }

    #[test]
    fn an_attempt_is_read_back_for_its_owner_alone() {
        let keys = keys(&[], None);
        let alice = Owner::new("user", "alice@example.com");
        let until = Timestamp::now();
        let (attempt, text) = keys.seal(keys.begin(&alice, vec!["slack".to_owned()]), until);
        assert!(keys.open(&text, &alice).is_some_and(|read| read == attempt));
        assert_eq!(attempt.until().map(seconds), Some(seconds(until)));
        for other in [
            Owner::new("user", "bob"),
            Owner::new("organization", "alice@example.com"),
            alice.clone().with_scope(Some("")),
        ] {
            assert!(keys.open(&text, &other).is_none(), "{other:?}");
        }
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("alice"));
    }

    #[test]
    fn other_keys_and_other_apps_do_not_take_it() {
        let alice = Owner::new("user", 1);
        let text = sealed_for(&keys(&["old"], Some("crm")), &alice);
        assert!(keys(&["new", "old"], Some("crm")).open(&text, &alice).is_some(), "while keys are rotated");
        assert!(keys(&["new"], Some("crm")).open(&text, &alice).is_none());
        assert!(keys(&["old"], Some("billing")).open(&text, &alice).is_none());
        assert!(keys(&["old"], None).open(&text, &alice).is_none());
    }

    #[test]
    fn no_changed_text_is_an_attempt() {
        let (keys, alice) = (keys(&[], None), Owner::new("user", 1));
        let text = sealed_for(&keys, &alice);
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(keys.open(&changed, &alice).is_none(), "{place}");
        }
        for other in
            ["", "A", &text[1..], &text[..text.len() - 4], &format!("{text}AAAA"), &"A".repeat(9_000)]
        {
            assert!(keys.open(other, &alice).is_none(), "{other}");
        }
    }

    #[test]
    fn an_attempt_for_many_integrations_is_short_enough_for_a_path() {
        let (keys, alice) = (keys(&[], None), Owner::new("user", 1));
        let many = (0..500).map(|n| format!("integration-{n}")).collect();
        let (_, text) = keys.seal(keys.begin(&alice, many), Timestamp::now());
        assert!(text.len() < 2_500, "{}", text.len());
        assert!(keys.open(&text, &alice).is_some());
    }

    #[test]
    fn a_reconnect_is_of_one_connection() {
        let (keys, alice) = (keys(&[], None), Owner::new("user", 1));
        let (key, other) = (ConnectionKey::new("slack", "a"), ConnectionKey::new("slack", "b"));
        let (_, text) = keys.seal(keys.begin_reconnect(&alice, &key), Timestamp::now());
        let attempt = keys.open(&text, &alice).unwrap();
        assert!(keys.is_of(&attempt, &key) && !keys.is_of(&attempt, &other));
    }
}
