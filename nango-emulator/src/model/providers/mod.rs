//! Provider templates: Nango's knowledge of Slack, Google and the others.

mod builtin;
mod catalog;
mod file;
mod provider;
pub(crate) mod template;

pub(crate) use builtin::DEMO;
pub(crate) use catalog::Catalog;
pub(crate) use provider::{Provider, logo_url};
