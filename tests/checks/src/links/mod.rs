//! Links that lead to no file, or to no place in it: of built pages, and of the workspace's Markdown.

mod html;
mod markdown;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use run::run;
