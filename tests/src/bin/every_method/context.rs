//! What all steps need.

use nango_client::{Client, ConnectionKey};

use crate::steps::Steps;

pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) steps: Steps,
    /// A connection with an API key.
    pub(crate) main: ConnectionKey,
    /// A connection with the tokens of OAuth 2.
    pub(crate) slack: ConnectionKey,
    /// A second address of the provider.
    pub(crate) elsewhere: String,
}
