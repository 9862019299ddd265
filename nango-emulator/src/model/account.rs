//! Accounts at emulated providers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Account at an emulated provider: the one whose data a connection reaches.
///
/// `Debug` shows nothing of it: an account is personal data.
///
/// ```
/// use nango_emulator::Account;
///
/// let account = Account::new("anna.work@example.com");
/// assert_eq!((account.name.as_str(), account.team.as_str()), ("Anna Work", "Anna Work"));
/// assert_eq!(account.team("Acme").team, "Acme");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// E-mail address, which identifies the account: ids of the providers are derived from it.
    pub email: String,
    /// Name of the person.
    pub name: String,
    /// Name of the workspace or organization.
    pub team: String,
}

debug_only!(Account {});

/// Account that the consent page offers first.
pub(crate) const DEFAULT_EMAIL: &str = "anna@example.com";

/// Further account that the consent page offers.
pub(crate) const SECOND_EMAIL: &str = "anna.work@example.com";

/// Workspace of the first account.
const DEFAULT_TEAM: &str = "Emulator";

impl Default for Account {
    /// Returns the account `anna@example.com` that the consent page offers first.
    fn default() -> Self {
        Self::new(DEFAULT_EMAIL)
    }
}

impl Account {
    /// Creates the account of an e-mail address. Name and team are derived from it.
    #[must_use]
    pub fn new(email: impl Into<String>) -> Self {
        let email = email.into();
        let name = name_of(&email);
        let team = if email == DEFAULT_EMAIL { DEFAULT_TEAM.to_owned() } else { name.clone() };
        Self { email, name, team }
    }

    /// Replaces the name of the person.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Replaces the name of the workspace or organization.
    #[must_use]
    pub fn team(mut self, team: impl Into<String>) -> Self {
        self.team = team.into();
        self
    }

    /// Creates the account of an API key or password. It is the same for the same credential, and
    /// the key of the hash is random, so that the credential cannot be guessed from it.
    pub(crate) fn of_credential(key: &str, credential: &str) -> Self {
        let digest = Sha256::new().chain_update(key).chain_update([0]).chain_update(credential).finalize();
        Self::new(format!("user.{}@example.com", hex::encode(&digest[..4])))
    }

    /// Returns a number that is the same for the same `subject`, such as an e-mail address.
    pub(crate) fn number(subject: &str) -> u64 {
        let digest = Sha256::digest(subject);
        digest.iter().take(6).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }

    /// Returns an id such as `U0A1B2C3D4` for a `subject`.
    pub(crate) fn id(prefix: char, subject: &str) -> String {
        let digest = hex::encode_upper(Sha256::digest(subject));
        format!("{prefix}0{}", &digest[..8])
    }

    /// Returns the id of the team, as Slack names it.
    pub(crate) fn team_id(&self) -> String {
        if self.team == DEFAULT_TEAM { "T0EMULATOR".to_owned() } else { Self::id('T', &self.team) }
    }
}

/// Returns `Anna Work` for `anna.work@example.com`.
fn name_of(email: &str) -> String {
    let local = email.split('@').next().unwrap_or_default();
    let words = local.split(['.', '_', '-', '+']).filter(|word| !word.is_empty());
    let capitalized = words.map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>())
            + letters.as_str()
    });
    capitalized.collect::<Vec<_>>().join(" ")
}

/// Accounts by credential, as the providers know them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Accounts {
    /// Key of the hash from which accounts of API keys are derived.
    key: String,
    by_credential: HashMap<String, Account>,
}

impl Accounts {
    pub(crate) fn new(key: String) -> Self {
        Self { key, by_credential: HashMap::new() }
    }

    /// Returns true for state that an older version has saved.
    pub(crate) fn has_no_key(&self) -> bool {
        self.key.is_empty()
    }

    pub(crate) fn set(&mut self, credential: &str, account: Account) {
        self.by_credential.insert(credential.to_owned(), account);
    }

    /// Returns the account of a credential. Without one that was set, it is derived from the
    /// credential.
    pub(crate) fn of(&self, credential: &str) -> Account {
        let set = self.by_credential.get(credential).cloned();
        set.unwrap_or_else(|| Account::of_credential(&self.key, credential))
    }

    /// Removes and returns the account of a credential that is not used again.
    pub(crate) fn take(&mut self, credential: &str) -> Option<Account> {
        self.by_credential.remove(credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_credentials_are_stable_and_hide_them() {
        let (one, other) = (Accounts::new("k".into()), Accounts::new("other".into()));
        assert_eq!(one.of("sk-1"), one.of("sk-1"));
        assert_ne!(one.of("sk-1"), one.of("sk-2"));
        assert_ne!(one.of("sk-1"), other.of("sk-1"));
        assert!(!one.of("sk-1").email.contains("sk-1"));
        assert_eq!(format!("{:?}", one.of("sk-1")), "Account { .. }");
    }

    #[test]
    fn names_come_from_the_address() {
        for (email, name, team_id) in [
            (DEFAULT_EMAIL, "Anna", "T0EMULATOR"),
            (SECOND_EMAIL, "Anna Work", &*Account::id('T', "Anna Work")),
            ("no-address", "No Address", &*Account::id('T', "No Address")),
        ] {
            let account = Account::new(email);
            assert_eq!((account.name.as_str(), account.team_id().as_str()), (name, team_id), "{email}");
        }
    }
}
