//! Credentials of any kind.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::value::RawValue;

use super::kinds::{
    ApiKeyCredentials, AppCredentials, AppStoreCredentials, AwsSigV4Credentials, BasicCredentials,
    BillCredentials, CustomCredentials, JwtCredentials, OAuth1Credentials, OAuth2ClientCredentials,
    OAuth2Credentials, SignatureCredentials, TbaCredentials, TwoStepCredentials,
};
use super::mode::AuthMode;
use crate::client::reply::Reply;
use crate::client::secret::{Secret, SecretJson};
use crate::error::{Error, ErrorKind};
use crate::timestamp::Timestamp;

/// The credentials of a connection, by their auth mode. Secrets in them are wiped on drop, and `Debug`
/// does not show them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// An API key.
    ApiKey(ApiKeyCredentials),
    /// The token of an app's installation.
    App(AppCredentials),
    /// Credentials of Apple's App Store.
    AppStore(AppStoreCredentials),
    /// Temporary credentials of AWS.
    AwsSigV4(AwsSigV4Credentials),
    /// A name and a password.
    Basic(BasicCredentials),
    /// Credentials of Bill.
    Bill(BillCredentials),
    /// Credentials of an app, with those of a user.
    Custom(CustomCredentials),
    /// A signed token.
    Jwt(JwtCredentials),
    /// No credentials: the provider wants none, or the API key may not read them. Nango does not say
    /// which (observed on 0.71.4).
    None,
    /// A token of OAuth 1.
    OAuth1(OAuth1Credentials),
    /// Tokens of OAuth 2, also those of an MCP server.
    OAuth2(OAuth2Credentials),
    /// A token of OAuth 2's client credentials.
    OAuth2Client(OAuth2ClientCredentials),
    /// Credentials of a kind that this version does not know.
    Other(OtherCredentials),
    /// A signature made of a name and a password.
    Signature(SignatureCredentials),
    /// A token of NetSuite's token-based authentication.
    Tba(TbaCredentials),
    /// A token that was requested in steps.
    TwoStep(TwoStepCredentials),
}

/// Credentials of a kind that this version does not know, or without the fields of their kind.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherCredentials {
    /// The auth mode.
    pub auth_mode: AuthMode,
    /// The credentials as Nango has sent them.
    pub json: SecretJson,
}

crate::__debug_only!(OtherCredentials { auth_mode });

impl Credentials {
    /// Returns the one token that a request to the provider is authorised with, if they are such.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        match self {
            Self::ApiKey(key) => Some(&key.api_key),
            Self::App(app) => Some(&app.access_token),
            Self::AppStore(app) => Some(&app.access_token),
            Self::Jwt(jwt) => jwt.token.as_ref(),
            Self::OAuth2(tokens) => Some(&tokens.access_token),
            Self::OAuth2Client(token) => Some(&token.token),
            Self::Signature(signature) => signature.token.as_ref(),
            Self::TwoStep(token) => token.token.as_ref(),
            Self::AwsSigV4(_)
            | Self::Basic(_)
            | Self::Bill(_)
            | Self::Custom(_)
            | Self::None
            | Self::OAuth1(_)
            | Self::Other(_)
            | Self::Tba(_) => None,
        }
    }

    /// Returns the provider's own reply, with which the credentials came, where Nango has kept it.
    #[must_use]
    pub fn raw(&self) -> Option<&SecretJson> {
        match self {
            Self::ApiKey(found) => found.raw.as_ref(),
            Self::App(found) => found.raw.as_ref(),
            Self::AppStore(found) => found.raw.as_ref(),
            Self::AwsSigV4(found) => found.raw.as_ref(),
            Self::Basic(found) => found.raw.as_ref(),
            Self::Bill(found) => found.raw.as_ref(),
            Self::Custom(found) => found.raw.as_ref(),
            Self::Jwt(found) => found.raw.as_ref(),
            Self::OAuth1(found) => found.raw.as_ref(),
            Self::OAuth2(found) => found.raw.as_ref(),
            Self::OAuth2Client(found) => found.raw.as_ref(),
            Self::Signature(found) => found.raw.as_ref(),
            Self::Tba(found) => found.raw.as_ref(),
            Self::TwoStep(found) => found.raw.as_ref(),
            Self::None | Self::Other(_) => None,
        }
    }

    /// Returns the time of their expiry, where that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::App(found) => found.expires_at,
            Self::AppStore(found) => found.expires_at,
            Self::AwsSigV4(found) => found.expires_at,
            Self::Bill(found) => found.expires_at,
            Self::Jwt(found) => found.expires_at,
            Self::OAuth2(found) => found.expires_at,
            Self::OAuth2Client(found) => found.expires_at,
            Self::Signature(found) => found.expires_at,
            Self::TwoStep(found) => found.expires_at,
            Self::ApiKey(_)
            | Self::Basic(_)
            | Self::Custom(_)
            | Self::None
            | Self::OAuth1(_)
            | Self::Other(_)
            | Self::Tba(_) => None,
        }
    }
}

/// Reads credentials. Those that lack a field of their kind are [`Other`](Credentials::Other), so that they
/// stay readable.
///
/// # Errors
///
/// [`ErrorKind::Decode`] when they are not an object.
pub(in crate::client) fn credentials_in(text: &RawValue) -> Result<Credentials, Error> {
    let unreadable = |_| Error::new(ErrorKind::Decode);
    let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(text.get()).map_err(unreadable)?;
    let Some(kind) = fields.remove("type") else { return Ok(Credentials::None) };
    let word: String = serde_json::from_str(kind.get()).map_err(unreadable)?;
    let auth_mode = AuthMode::from(word);
    let found = match &auth_mode {
        AuthMode::ApiKey => as_kind::<ApiKeyCredentials>(fields, Credentials::ApiKey),
        AuthMode::App => as_kind::<AppCredentials>(fields, Credentials::App),
        AuthMode::AppStore => as_kind::<AppStoreCredentials>(fields, Credentials::AppStore),
        AuthMode::AwsSigV4 => as_kind::<AwsSigV4Credentials>(fields, Credentials::AwsSigV4),
        AuthMode::Basic | AuthMode::InstallPlugin => as_kind::<BasicCredentials>(fields, Credentials::Basic),
        AuthMode::Bill => as_kind::<BillCredentials>(fields, Credentials::Bill),
        AuthMode::Custom => as_kind::<CustomCredentials>(fields, Credentials::Custom),
        AuthMode::Jwt => as_kind::<JwtCredentials>(fields, Credentials::Jwt),
        AuthMode::None => Some(Credentials::None),
        AuthMode::OAuth1 => as_kind::<OAuth1Credentials>(fields, Credentials::OAuth1),
        AuthMode::OAuth2 | AuthMode::McpOAuth2 | AuthMode::McpOAuth2Generic => {
            as_kind::<OAuth2Credentials>(fields, Credentials::OAuth2)
        }
        AuthMode::OAuth2Client => as_kind::<OAuth2ClientCredentials>(fields, Credentials::OAuth2Client),
        AuthMode::Signature => as_kind::<SignatureCredentials>(fields, Credentials::Signature),
        AuthMode::Tba => as_kind::<TbaCredentials>(fields, Credentials::Tba),
        AuthMode::TwoStep => as_kind::<TwoStepCredentials>(fields, Credentials::TwoStep),
        AuthMode::Other(_) => None,
    };
    Ok(found
        .unwrap_or_else(|| Credentials::Other(OtherCredentials { auth_mode, json: SecretJson::of(text) })))
}

fn as_kind<T>(fields: BTreeMap<String, &RawValue>, kind: impl FnOnce(T) -> Credentials) -> Option<Credentials>
where
    Reply<T>: DeserializeOwned,
{
    let fields = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    Reply::<T>::deserialize(fields).ok().map(|Reply(found)| kind(found))
}
