//! Provider templates: Nango's knowledge of Slack, Google and the others.

mod builtin;
mod catalog;
mod provider;
pub(crate) mod template;
mod yaml;

pub(crate) use builtin::DEMO;
pub(crate) use catalog::Catalog;
pub(crate) use provider::{Provider, logo_url};
