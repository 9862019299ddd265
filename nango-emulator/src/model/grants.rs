//! Codes and tokens of the built-in OAuth2 provider.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// Codes and tokens that the built-in provider accepts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access_tokens: HashSet<String>,
    pub(crate) refresh_tokens: HashSet<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) scope: String,
}

impl Grants {
    /// Revokes tokens, as a user does on the provider's site.
    pub(crate) fn revoke(&mut self, access_token: Option<&str>, refresh_token: Option<&str>) {
        if let Some(token) = access_token {
            self.access_tokens.remove(token);
        }
        if let Some(token) = refresh_token {
            self.refresh_tokens.remove(token);
        }
    }

    /// Accepts revoked tokens again.
    pub(crate) fn restore(&mut self, access_token: Option<&str>, refresh_token: Option<&str>) {
        self.access_tokens.extend(access_token.map(str::to_owned));
        self.refresh_tokens.extend(refresh_token.map(str::to_owned));
    }
}
