//! Ways to authorise.

use crate::client::reply::words;

words! {
    /// A way to authorise connections of a provider.
    AuthMode {
        /// An API key.
        ApiKey = "API_KEY",
        /// The installation of an app, such as a GitHub App.
        App = "APP",
        /// The App Store of Apple.
        AppStore = "APP_STORE",
        /// A role of AWS, whose requests are signed.
        AwsSigV4 = "AWS_SIGV4",
        /// A name and a password.
        Basic = "BASIC",
        /// Bill.
        Bill = "BILL",
        /// An app and a user of it, such as those of GitHub.
        Custom = "CUSTOM",
        /// A plugin that a user installs.
        InstallPlugin = "INSTALL_PLUGIN",
        /// A signed JSON web token.
        Jwt = "JWT",
        /// An MCP server with OAuth 2.
        McpOAuth2 = "MCP_OAUTH2",
        /// Any MCP server with OAuth 2.
        McpOAuth2Generic = "MCP_OAUTH2_GENERIC",
        /// Nothing at all.
        None = "NONE",
        /// OAuth 1.
        OAuth1 = "OAUTH1",
        /// OAuth 2.
        OAuth2 = "OAUTH2",
        /// The client credentials of OAuth 2.
        OAuth2Client = "OAUTH2_CC",
        /// A signature made of a name and a password.
        Signature = "SIGNATURE",
        /// The token-based authentication of NetSuite.
        Tba = "TBA",
        /// A token that is requested in steps of the provider's own.
        TwoStep = "TWO_STEP",
    }
}
