//! The sides of a work that are apps, each with an emulator and a driver of its own.

use crate::plan::{By, Fill, Framework, Rows};
use crate::requests::Requests;

/// An app and its load.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    pub(crate) by: By,
    pub(crate) framework: Framework,
    pub(crate) rows: Rows,
    pub(crate) fill: Option<Fill>,
    pub(crate) looks: bool,
    pub(crate) connections_at_nango: usize,
    /// The connections of the driver.
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
}

impl Served {
    /// An app on Axum without rows, and without a budget of looks.
    pub(crate) fn new(by: By, rows: Rows, connections: usize, requests: Requests) -> Self {
        Self {
            by,
            framework: Framework::Axum,
            rows,
            fill: None,
            looks: false,
            connections_at_nango: 0,
            connections,
            requests,
        }
    }

    /// Returns the name of the side among those of its work.
    pub(crate) fn name(&self) -> String {
        let by = match self.by {
            By::Floor => "floor",
            By::Ours => "ours",
        };
        match (self.requests, self.fill) {
            (Requests::Lists(_), Some(fill)) => format!("{by}, {} rows", fill.rows),
            _ => by.to_owned(),
        }
    }
}
