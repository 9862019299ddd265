//! The app's name in Nango, and the integrations on offer: what a copy changes first.

/// The name of the app in its Nango environment. It is part of every connection, and stays as it is.
pub(crate) const APP: &str = "app-template";

/// The integrations on offer: ids of the Nango environment, with their names for people.
pub(crate) const INTEGRATIONS: &[(&str, &str)] = &[("slack", "Slack")];

/// Returns the name of an integration for people.
pub(crate) fn name_of(integration: &str) -> &str {
    INTEGRATIONS.iter().find(|(id, _)| *id == integration).map_or(integration, |(_, name)| name)
}
