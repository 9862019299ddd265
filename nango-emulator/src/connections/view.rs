//! The full object and the list item (wire reference 4.1, 4.3), keys in Nango's order.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Connection;
use crate::{end_users::EndUser, jsonb, time};

impl Connection {
    /// The full object; `format` is what tells `GET` from `POST`.
    pub(crate) fn full(&self, format: fn(Timestamp) -> String, credentials: &Value) -> Value {
        let mut view = self.shared();
        let mut put = |key: &str, value: Value| view.insert(key.to_owned(), value);
        put("connection_config", jsonb::stored(&json!(self.connection_config)));
        put("webhook_url_override", json!(self.webhook_url_override));
        put("created_at", format(self.created_at).into());
        put("updated_at", format(self.updated_at).into());
        put("last_fetched_at", self.last_fetched_at.map(format).into());
        put("credentials", credentials.clone());
        view.into()
    }

    /// An item of `GET /connections`: other names, another time format, no credentials.
    pub(super) fn item(&self) -> Value {
        let mut view = self.shared();
        view.insert("created".to_owned(), time::postgres(self.created_at).into());
        view.into()
    }

    /// What both begin with.
    fn shared(&self) -> Map<String, Value> {
        let fields = [
            ("id", self.id.into()),
            ("connection_id", self.connection_id.as_str().into()),
            ("provider_config_key", self.integration.as_str().into()),
            ("provider", self.provider.as_str().into()),
            ("errors", json!(self.errors)),
            ("end_user", self.end_user.as_deref().map(EndUser::view).into()),
            ("tags", jsonb::stored(&json!(self.tags))),
            ("metadata", jsonb::stored(&json!(self.metadata))),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}
