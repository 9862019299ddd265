//! The owners of connections in the tests: alice, bob and søren of acme, carol of globex.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use nango_core::TagMapper;

/// A user, logged in by the header `x-user`.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// A name.
    #[nango(id)]
    pub id: String,
    /// An address at the organisation's domain.
    #[nango(tag = "end_user_email")]
    pub email: String,
    /// The organisation's id.
    #[nango(tag = "organization_id")]
    pub organization: String,
    /// A field without an attribute, so it never leaves the process.
    pub password: String,
}

/// The organisation of the user who is logged in.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct Organization {
    /// A name.
    #[nango(id = "organization_id")]
    pub id: String,
}

impl Organization {
    /// Creates an organisation from its id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
}

impl User {
    /// Returns one of the four users. The address of `soren` is one that Nango refuses.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        let organization = match id {
            "alice" | "bob" | "soren" => "acme",
            "carol" => "globex",
            _ => return None,
        };
        Some(Self {
            id: id.to_owned(),
            email: format!("{}@{organization}.example", id.replace("soren", "søren")),
            organization: organization.to_owned(),
            password: format!("{id}-password"),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
        id.and_then(Self::named).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl<S: Sync> FromRequestParts<S> for Organization {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let user = User::from_request_parts(parts, state).await?;
        Ok(Self { id: user.organization })
    }
}
