//! The full object and the list item (wire reference 4.1, 4.3), keys in Nango's order.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Connection;
use crate::{end_users::EndUser, jsonb, time};

impl Connection {
    /// The full object; `format` is what tells `GET` from `POST`.
    pub(crate) fn full(&self, format: fn(Timestamp) -> String, credentials: &Value) -> Value {
        json!({
            "id": self.id,
            "connection_id": self.connection_id,
            "provider_config_key": self.integration,
            "provider": self.provider,
            "errors": self.errors,
            "end_user": self.end_user.as_deref().map(EndUser::view),
            "tags": jsonb::stored(&json!(self.tags)),
            "metadata": jsonb::stored(&json!(self.metadata)),
            "connection_config": jsonb::stored(&json!(self.connection_config)),
            "webhook_url_override": self.webhook_url_override,
            "created_at": format(self.created_at),
            "updated_at": format(self.updated_at),
            "last_fetched_at": self.last_fetched_at.map(format),
            "credentials": credentials,
        })
    }

    /// An item of `GET /connections`: other names, another time format, no credentials.
    pub(super) fn item(&self) -> Value {
        json!({
            "id": self.id,
            "connection_id": self.connection_id,
            "provider_config_key": self.integration,
            "provider": self.provider,
            "errors": self.errors,
            "end_user": self.end_user.as_deref().map(EndUser::view),
            "tags": jsonb::stored(&json!(self.tags)),
            "metadata": jsonb::stored(&json!(self.metadata)),
            "created": time::postgres(self.created_at),
        })
    }
}
