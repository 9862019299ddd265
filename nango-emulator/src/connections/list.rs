//! `GET /connections` (wire reference 4.3).

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::check::Text;
use crate::http::query::number;
use crate::http::{ApiError, Call, finish_query, reply};
use crate::model::{Connection, Connections, Tags, tags};

const DEFAULT_LIMIT: usize = 10_000;

#[derive(Default)]
struct Filter {
    connection_id: Option<String>,
    integrations: Option<Vec<String>>,
    tags: Tags,
    search: Option<String>,
    end_user_id: Option<String>,
    organization_id: Option<String>,
}

impl Filter {
    /// Returns true if the tag index alone answers this filter.
    fn is_at_most_a_tag(&self) -> bool {
        self.connection_id.is_none()
            && self.integrations.is_none()
            && self.tags.len() <= 1
            && self.search.is_none()
            && self.end_user_id.is_none()
            && self.organization_id.is_none()
    }

    /// Returns one page of the matching connections, newest first.
    fn page(&self, connections: &Connections, skip: usize, limit: usize) -> Vec<Value> {
        let named = match (&self.connection_id, &self.integrations) {
            (Some(id), Some(integrations)) => Some(connections.named(id, integrations)),
            _ => None,
        };
        let newest = named.as_deref().unwrap_or_else(|| connections.tagged(&self.tags)).iter().rev();
        let by_id = |&id: &u64| connections.by_id(id);
        if self.is_at_most_a_tag() {
            // Every connection of the index matches, so skipped ones need not be read.
            return newest.skip(skip).take(limit).filter_map(by_id).map(Connection::item).collect();
        }
        let found = newest.filter_map(by_id).filter(|connection| self.matches(connection));
        found.skip(skip).take(limit).map(Connection::item).collect()
    }

    fn matches(&self, connection: &Connection) -> bool {
        let user = connection.end_user.as_ref();
        let organization = user.and_then(|user| user.organization.as_ref());
        self.connection_id.as_ref().is_none_or(|id| *id == connection.connection_id)
            && self.integrations.as_ref().is_none_or(|ids| ids.contains(&connection.integration))
            && self.tags.iter().all(|(key, value)| connection.tags.get(key) == Some(value))
            // Matches linked (legacy) end users only, not a tag `end_user_id`.
            && self.end_user_id.as_ref().is_none_or(|id| user.is_some_and(|user| user.id == *id))
            && self.organization_id.as_ref().is_none_or(|id| organization.is_some_and(|o| o.id == *id))
            && self.search.as_ref().is_none_or(|text| found(text, connection))
    }
}

/// Searches connection id, end-user e-mail and display name; not tags or organization.
fn found(text: &str, connection: &Connection) -> bool {
    let user = connection.end_user.as_ref();
    let fields = [
        Some(connection.connection_id.as_str()),
        user.and_then(|user| user.email.as_deref()),
        user.and_then(|user| user.display_name.as_deref()),
    ];
    fields.into_iter().flatten().any(|field| field.to_lowercase().contains(text))
}

pub(crate) async fn list(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let scopes = ["environment:connections:list", "environment:connections:list_credentials"];
    auth::api_key(&app, &call, &scopes)?;
    let mut fields = call.query_fields();
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let filter = Filter {
        connection_id: owned(fields.optional("connectionId", Text::between(1, 255))),
        search: fields.optional("search", Text::between(1, 255)).map(str::to_lowercase),
        end_user_id: owned(fields.optional("endUserId", Text::between(1, 255))),
        organization_id: owned(fields.optional("endUserOrganizationId", Text::between(1, 255))),
        integrations: fields
            .optional("integrationId", Text { min: 1, ..Text::ANY })
            .map(|ids| ids.split(',').map(|id| id.trim().to_owned()).collect()),
        tags: tags::take(&mut fields, tags::Values::NonEmpty).unwrap_or_default(),
    };
    let limit = number(&mut fields, "limit", 1, Some(2000));
    let page = number(&mut fields, "page", 0, None);
    finish_query(fields)?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let skip = page.unwrap_or(0).saturating_mul(limit);
    let items = app.read(|state| filter.page(&state.connections, skip, limit));
    Ok(reply::json(200, &json!({ "connections": items })))
}
