//! What a release needs besides code that works: one version, a changelog, an address; and the order of the uploads.

mod order;
mod readiness;
mod run;

pub(crate) use run::run;
