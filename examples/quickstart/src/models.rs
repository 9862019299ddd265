//! Who uses this app.

use nango_core::TagMapper;

/// A person. What they connect is seen by nobody else.
#[derive(Debug, Clone, TagMapper)]
pub struct User {
    #[nango(id)]
    pub id: String,
    #[nango(tag = "end_user_email")]
    pub email: String,
    #[nango(tag = "organization_id")]
    pub organization: String,
    /// Has no attribute, so it is never sent.
    pub name: String,
}

/// The company that a person works for. What it connects is for everyone there.
#[derive(Debug, Clone, TagMapper)]
pub struct Organization {
    #[nango(id = "organization_id")]
    pub id: String,
}

impl User {
    /// A real app asks its database.
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
