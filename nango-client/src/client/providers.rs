//! `/providers`.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value};

use super::client::Client;
use super::credentials::AuthMode;
use super::functions::FunctionTemplate;
use super::reply::{Data, Reply, reply};
use crate::error::Error;
use crate::transport::Endpoint;

static LIST: Endpoint = Endpoint::new(Method::GET, "/providers", "list providers");

static READ: Endpoint =
    Endpoint::new(Method::GET, "/providers/{provider}", "read a provider").of("the provider");

static TEMPLATES: Endpoint =
    Endpoint::new(Method::GET, "/providers/{provider}/templates", "list the templates of a provider")
        .of("the provider");

reply! {
    /// A provider that Nango knows: an API with the way to authorise its connections.
    #[derive(Clone, PartialEq)]
    Provider {
        /// The name, which integrations use.
        name: String,
        /// The display name, for user interfaces.
        display_name: String,
        /// The way to authorise.
        auth_mode: AuthMode,
        /// Nango's page about it.
        docs: Option<String>,
        /// The URL of the logo.
        logo_url: Option<String>,
        /// The categories.
        #[serde(default)]
        categories: Vec<String>,
        /// The address at which a user authorises.
        authorization_url: Option<String>,
        /// The address for tokens: a text, or an object with one for each way to authorise.
        token_url: Option<Value>,
        /// The parameters of the request for a token.
        token_params: Option<Map<String, Value>>,
        /// The address for refreshing tokens.
        refresh_url: Option<String>,
        /// The fields of the callback that a connection keeps.
        #[serde(default)]
        redirect_uri_metadata: Vec<String>,
        /// The fields of the reply with the token that a connection keeps.
        #[serde(default)]
        token_response_metadata: Vec<String>,
        /// The settings of the proxy.
        proxy: Option<Map<String, Value>>,
        /// The script that assigns the provider's webhooks to connections.
        webhook_routing_script: Option<String>,
        /// The fields that a connection is configured with.
        connection_config: BTreeMap<String, ProviderField>,
        /// The fields of its credentials.
        credentials: BTreeMap<String, ProviderField>,
    }
}

crate::__debug_only!(Provider { name, display_name, auth_mode });

reply! {
    /// A field that a user fills in.
    #[derive(Clone, PartialEq)]
    ProviderField {
        /// The type, mostly `string`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The title, for user interfaces.
        title: Option<String>,
        /// The description, for user interfaces.
        description: Option<String>,
        /// An example.
        example: Option<String>,
        /// The regular expression that a value matches.
        pattern: Option<String>,
        /// The format, such as `uri`.
        format: Option<String>,
        /// The position among the fields.
        order: Option<i64>,
        /// The part of Nango's page about the provider that explains it.
        doc_section: Option<String>,
    }
}

crate::__debug_only!(ProviderField { kind, title });

impl Client {
    /// Returns the providers that the server knows, or those whose name a text is in.
    ///
    /// The text is a regular expression to Nango, without regard to case (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let of_google = client.providers(Some("^google-")).await?;
    /// let slack = client.provider("slack").await?;
    /// let functions = client.provider_templates("slack").await?;
    /// # let _ = (of_google, slack, functions);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn providers(&self, search: Option<&str>) -> Result<Vec<Provider>, Error> {
        let call = self.transport.call(&LIST);
        let mut url = call.url(&["providers"])?;
        if let Some(search) = search {
            url.query_pairs_mut().append_pair("search", search);
        }
        let Reply(Data(found)): Reply<Data<Vec<Provider>>> = call.send(url).await?;
        Ok(found)
    }

    /// Returns a provider.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server does not know it, and those of any
    /// call.
    pub async fn provider(&self, name: &str) -> Result<Provider, Error> {
        let call = self.transport.call(&READ);
        let Reply(Data(found)): Reply<Data<Provider>> = call.send(call.url(&["providers", name])?).await?;
        Ok(found)
    }

    /// Returns the functions that Nango's catalogue has for a provider, to be deployed as they are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server does not know the provider, and
    /// those of any call.
    pub async fn provider_templates(&self, name: &str) -> Result<Vec<FunctionTemplate>, Error> {
        let call = self.transport.call(&TEMPLATES);
        let url = call.url(&["providers", name, "templates"])?;
        let Reply(Data(found)): Reply<Data<Vec<FunctionTemplate>>> = call.send(url).await?;
        Ok(found)
    }
}
