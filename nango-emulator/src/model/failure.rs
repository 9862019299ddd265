//! Failed refreshes and tests of credentials, as replies and webhooks name them.

/// Code of credentials that the provider rejects.
pub(crate) const TEST_FAILED: &str = "connection_test_failed";

/// Code of a refresh that the provider rejects.
pub(crate) const REFRESH_FAILED: &str = "refresh_token_external_error";

/// Returns Nango's text for a code.
pub(crate) fn text(code: &str) -> &'static str {
    match code {
        TEST_FAILED => {
            "The given credentials were found to be invalid. Please check the credentials and try again."
        }
        _ => {
            "The external API returned an error when trying to refresh the access token. Please try again \
             later."
        }
    }
}
