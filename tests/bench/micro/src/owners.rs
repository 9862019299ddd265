//! The kinds of owner of an app, and one owner.

use nango_core::TagMapper;

/// A user of an organization.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// The id, as a database counts it.
    #[nango(id)]
    pub id: u64,
    /// The address.
    #[nango(tag = "end_user_email")]
    pub email: String,
    /// The name for people.
    #[nango(tag = "end_user_display_name")]
    pub name: String,
    /// The id of the organization.
    #[nango(tag = "organization_id")]
    pub organization: String,
}

/// An organization, which is a less specific owner than its users.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct Organization {
    /// The id.
    #[nango(id = "organization_id")]
    pub id: String,
}

/// Returns the user whose connection the deliveries name.
#[must_use]
pub fn alice() -> User {
    User {
        id: 4_711,
        email: "alice@example.com".to_owned(),
        name: "Alice".to_owned(),
        organization: "acme".to_owned(),
    }
}
