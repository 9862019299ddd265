//! Deprecated `end_user` and `organization` objects (wire reference 2.1, 2.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tags;
use super::tags::{MAX_TAGS, MAX_VALUE, Tags, Values};
use crate::check::{Fields, Text};
use crate::jsonb;

/// End user that a connection is linked to.
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
    /// Takes `end_user` and `organization`. An organization without an end user is validated and
    /// ignored.
    pub(crate) fn take(fields: &mut Fields<'_>, required: bool) -> Option<Self> {
        let mut user = Self::take_without_organization(fields, required);
        let organization = Organization::take(fields);
        if let Some(user) = &mut user {
            user.organization = organization;
        }
        user
    }

    /// Takes `end_user` on routes without `organization`.
    pub(crate) fn take_without_organization(fields: &mut Fields<'_>, required: bool) -> Option<Self> {
        let value = fields.take("end_user");
        if value.is_none() && !required {
            return None;
        }
        fields.nested(value, &["end_user"], Self::read)
    }

    fn read(inner: &mut Fields<'_>) -> Self {
        let id = inner.required("id", Text::between(1, 255));
        let email = Text { min: 5, email: true, ..Text::ANY };
        let email = inner.optional("email", email);
        let display_name = inner.optional("display_name", Text::between(0, 255));
        let tags = tags::take(inner, Values::MayBeEmpty);
        inner.strict();
        Self {
            id: id.unwrap_or_default().to_owned(),
            display_name: display_name.map(str::to_owned),
            email: email.map(str::to_owned),
            tags,
            organization: None,
        }
    }

    /// Returns the JSON of connections and connect sessions.
    pub(crate) fn view(&self) -> Value {
        let organization = self
            .organization
            .as_ref()
            .map(|organization| json!({ "id": organization.id, "display_name": organization.display_name }));
        json!({
            "id": self.id,
            "display_name": self.display_name,
            "email": self.email,
            "tags": self.tags.as_ref().map(|tags| jsonb::postgres_order(&json!(tags))),
            "organization": organization,
        })
    }

    /// Returns the JSON of auth webhooks.
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
        fields.nested(Some(value), &["organization"], |inner| {
            let id = inner.required("id", Text::between(0, 255));
            let display_name = inner.optional("display_name", Text::between(0, 255));
            inner.strict();
            Some(Self { id: id?.to_owned(), display_name: display_name.map(str::to_owned) })
        })?
    }
}

/// Reason for which the tags of a connection cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TagsError {
    /// Together they are more than ten.
    TooMany,
    /// One has U+0000, which Postgres does not store.
    Nul,
}

/// Returns the tags of a connection: those generated from the legacy `end_user`, then its own
/// `tags`, then the top-level ones; later ones win.
pub(crate) fn combine(end_user: Option<&EndUser>, tags: &Tags) -> Result<Tags, TagsError> {
    let mut all = Tags::new();
    if let Some(user) = end_user {
        let cut = |text: &str| {
            let units: Vec<u16> = text.encode_utf16().take(MAX_VALUE).collect();
            Value::from(String::from_utf16_lossy(&units))
        };
        let mut put = |key: &str, text: Option<&str>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                all.insert(key.to_owned(), cut(text));
            }
        };
        put("end_user_id", Some(&user.id));
        put("end_user_email", user.email.as_deref());
        put("end_user_display_name", user.display_name.as_deref());
        if let Some(organization) = &user.organization {
            put("organization_id", Some(&organization.id));
            put("organization_display_name", organization.display_name.as_deref());
        }
        if let Some(own) = &user.tags {
            let mut merged = all.clone();
            merged.extend(own.clone());
            // Nango drops all of the end user's own tags rather than some.
            if merged.len() <= MAX_TAGS {
                all = merged;
            }
        }
    }
    all.extend(tags.clone());
    if all.len() > MAX_TAGS {
        return Err(TagsError::TooMany);
    }
    if jsonb::is_storable_map(&all) { Ok(all) } else { Err(TagsError::Nul) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn end_user_tags_are_dropped_beyond_the_limit() {
        let own: Map<_, _> = (0..9).map(|n| (format!("k{n}"), json!("v"))).collect();
        let user = EndUser {
            id: "of".into(),
            email: Some("of@example.com".into()),
            tags: Some(own),
            ..EndUser::default()
        };
        assert_eq!(combine(Some(&user), &Tags::new()).unwrap().len(), 2);
    }
}
