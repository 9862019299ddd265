//! Validation with zod 4's issue codes and texts (observed on Nango 0.71.4).

mod date;
mod fields;
mod issue;
mod text;

pub(crate) use date::date_of_javascript;
pub(crate) use fields::{Fields, entries, record};
pub(crate) use issue::{Issue, wrong_type};
pub(crate) use text::{CONNECTION_ID, INTEGRATION_ID, MODEL, NAME, Text, is_email, is_uuid};
