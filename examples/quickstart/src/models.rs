//! The owners of connections.

use nango_core::TagMapper;

/// A user. Connections of a user are private.
#[derive(Debug, Clone, TagMapper)]
pub struct User {
    #[nango(id)]
    pub id: String,
    #[nango(tag = "end_user_email")]
    pub email: String,
    #[nango(tag = "organization_id")]
    pub organization: String,
    /// Never sent to Nango: the field has no attribute.
    pub name: String,
}

/// The company of a user. Its connections are shared by all of its users.
#[derive(Debug, Clone, TagMapper)]
pub struct Organization {
    #[nango(id = "organization_id")]
    pub id: String,
}

impl User {
    /// Finds a user. A real app queries its database.
    pub fn find(id: &str) -> Option<Self> {
        let (name, organization) = match id {
            "alice" => ("Alice", "acme"),
            "bob" => ("Bob", "acme"),
            "carol" => ("Carol", "globex"),
            _ => return None,
        };
        Some(Self {
            id: id.to_owned(),
            email: format!("{id}@{organization}.example"),
            organization: organization.to_owned(),
            name: name.to_owned(),
        })
    }
}
