//! Rows in memory, by hand.

use std::collections::HashMap;

use uuid::Uuid;

use super::row::Row;
use crate::plan::{Fill, INTEGRATION, connection_id, user};

/// Rows by connection id within their owner: an app shows those of one owner.
#[derive(Default)]
pub(super) struct Memory(HashMap<String, HashMap<String, Row>>);

impl Memory {
    pub(super) fn filled(fill: Fill) -> Self {
        let mut memory = Self::default();
        for n in 0..fill.rows {
            let row = Row {
                handle: String::new(),
                integration: INTEGRATION.to_owned(),
                provider: INTEGRATION.to_owned(),
                health: "healthy".to_owned(),
                health_since: "2026-11-24T10:00:00Z".to_owned(),
                created_at: "2026-11-24T10:00:00Z".to_owned(),
            };
            memory.upsert(user(n / fill.of_each_owner + 1), &connection_id(n + 1), row);
        }
        memory
    }

    pub(super) fn upsert(&mut self, owner: String, connection_id: &str, row: Row) {
        let rows = self.0.entry(owner).or_default();
        match rows.get_mut(connection_id) {
            Some(known) => *known = Row { handle: std::mem::take(&mut known.handle), ..row },
            None => {
                let handle = Uuid::new_v4().simple().to_string();
                rows.insert(connection_id.to_owned(), Row { handle, ..row });
            }
        }
    }

    pub(super) fn list(&self, owner: &str) -> Vec<Row> {
        self.0.get(owner).map(|rows| rows.values().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn connection_id(&self, owner: &str, integration: &str) -> Option<String> {
        let rows = self.0.get(owner)?;
        rows.iter().find(|(_, row)| row.integration == integration).map(|(id, _)| id.clone())
    }
}
