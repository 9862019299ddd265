//! The app's handle, without its types.

use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, Nango, NangoBuilder};

use crate::args::Owners;

/// Configures a handle from the environment, with the app's kinds of owner.
pub(crate) fn builder(store: Arc<dyn ConnectionStore>, owners: &Owners) -> Result<NangoBuilder, BoxError> {
    let mut builder = Nango::from_env(store)?;
    for kind in &owners.kinds {
        let (name, tags) = kind.split_once('=').ok_or_else(|| not_a_kind(kind))?;
        // Names of kinds live as long as the program, as those of an app's types do.
        let tags: Vec<&'static str> = tags.split('+').map(|tag| &*tag.to_owned().leak()).collect();
        let id_tag = tags.first().copied().filter(|tag| !tag.is_empty()).ok_or_else(|| not_a_kind(kind))?;
        builder = builder.untyped_entity(name.to_owned().leak(), id_tag, None, tags.leak());
    }
    Ok(match &owners.app_name {
        Some(name) => builder.app(name),
        None => builder,
    })
}

fn not_a_kind(text: &str) -> String {
    format!("`{text}` is not a kind; write it like user=end_user_id+organization_id")
}
