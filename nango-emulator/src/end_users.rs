//! The deprecated `end_user` and `organization` objects (wire reference 2.1, 2.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    http::check::{Fields, Text},
    jsonb,
    tags::{self, Values},
};

/// The end user that a connection is linked to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct EndUser {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) tags: Option<Map<String, Value>>,
    pub(crate) organization: Option<Organization>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
}

impl EndUser {
    /// Reads `end_user` and `organization` from a request body. An organization without an end user
    /// is checked and then ignored.
    pub(crate) fn take(fields: &mut Fields<'_>, required: bool) -> Option<Self> {
        let mut user = Self::take_alone(fields, required);
        let organization = Organization::take(fields);
        if let Some(user) = &mut user {
            user.organization = organization;
        }
        user
    }

    /// Reads `end_user` where there is no `organization` beside it.
    pub(crate) fn take_alone(fields: &mut Fields<'_>, required: bool) -> Option<Self> {
        let value = fields.take("end_user");
        match value {
            None if !required => None,
            _ => match Fields::of(value, &["end_user"]) {
                Err(issue) => {
                    fields.issues.push(issue);
                    None
                }
                Ok(mut inner) => {
                    let user = Self::read(&mut inner);
                    fields.issues.append(&mut inner.issues);
                    Some(user)
                }
            },
        }
    }

    fn read(inner: &mut Fields<'_>) -> Self {
        let id = inner.required("id", Text::between(1, 255));
        let email = Text { min: 5, email: true, ..Text::ANY };
        let email = inner.optional("email", email);
        let display_name = inner.optional("display_name", Text::between(0, 255));
        let tags =
            inner.take("tags").and_then(|value| match tags::parse(value, &["tags"], Values::MayBeEmpty) {
                Ok(tags) => Some(tags),
                Err(issues) => {
                    inner.extend(issues);
                    None
                }
            });
        inner.strict();
        Self {
            id: id.unwrap_or_default().to_owned(),
            display_name: display_name.map(str::to_owned),
            email: email.map(str::to_owned),
            tags,
            organization: None,
        }
    }

    /// As a connection and a connect session show it.
    pub(crate) fn view(&self) -> Value {
        let organization = self
            .organization
            .as_ref()
            .map(|organization| json!({ "id": organization.id, "display_name": organization.display_name }));
        json!({
            "id": self.id,
            "display_name": self.display_name,
            "email": self.email,
            "tags": self.tags.as_ref().map(|tags| jsonb::stored(&json!(tags))),
            "organization": organization,
        })
    }

    /// As an auth webhook shows it.
    pub(crate) fn webhook(&self) -> Value {
        let mut view = json!({
            "endUserId": self.id,
            "endUserEmail": self.email,
            "tags": self.tags.clone().unwrap_or_default(),
        });
        if let Some(organization) = &self.organization {
            view["organizationId"] = organization.id.clone().into();
        }
        view
    }
}

impl Organization {
    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let value = fields.take("organization")?;
        match Fields::of(Some(value), &["organization"]) {
            Err(issue) => {
                fields.issues.push(issue);
                None
            }
            Ok(mut inner) => {
                let id = inner.required("id", Text::between(0, 255));
                let display_name = inner.optional("display_name", Text::between(0, 255));
                inner.strict();
                fields.issues.append(&mut inner.issues);
                Some(Self { id: id?.to_owned(), display_name: display_name.map(str::to_owned) })
            }
        }
    }
}
