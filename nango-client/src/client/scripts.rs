//! `GET /scripts/config`.

use http::Method;
use serde_json::{Map, Value};

use super::client::Client;
use super::functions::FunctionKind;
use super::reply::{Data, Reply, reply};
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static CONFIG: Endpoint =
    Endpoint::new(Method::GET, "/scripts/config", "read the configuration of functions");

reply! {
    /// The deployed functions of an integration.
    #[derive(Clone, PartialEq)]
    ScriptsConfig {
        /// The integration.
        #[serde(rename = "providerConfigKey")]
        integration: String,
        /// The provider.
        provider: Option<String>,
        /// The syncs.
        syncs: Vec<ScriptConfig>,
        /// The actions.
        actions: Vec<ScriptConfig>,
        /// The functions that run when something happens to a connection.
        #[serde(rename = "on-events", default)]
        on_events: Vec<Value>,
    }
}

reply! {
    /// A deployed function, as [`Client::scripts_config`] describes it.
    #[derive(Clone, PartialEq)]
    ScriptConfig {
        /// The id of the deployment.
        id: Option<i64>,
        /// The name.
        name: String,
        /// The kind.
        #[serde(rename = "type")]
        kind: Option<FunctionKind>,
        /// The description.
        description: Option<String>,
        /// The version.
        version: Option<String>,
        /// The way it was deployed.
        source: Option<String>,
        /// `true` if it is enabled.
        enabled: Option<bool>,
        /// The time of the last deployment.
        last_deployed: Option<Timestamp>,
        /// The scopes that it needs at the provider.
        #[serde(default)]
        scopes: Vec<String>,
        /// The model of its input.
        input: Option<Value>,
        /// The models of its output, or of its records.
        #[serde(default)]
        returns: Vec<String>,
        /// The models.
        #[serde(default)]
        models: Vec<ScriptModel>,
        /// The JSON schema of its models.
        json_schema: Option<Value>,
        /// The kind of a sync. Nango does not act on it.
        sync_type: Option<String>,
        /// The interval of a sync.
        runs: Option<String>,
        /// `true` if a sync starts by itself with each connection.
        auto_start: Option<bool>,
        /// `true` if a sync finds out about deletions by itself.
        track_deletes: Option<bool>,
        /// The provider's webhooks that a sync takes.
        #[serde(rename = "webhookSubscriptions", default)]
        webhook_subscriptions: Vec<String>,
        /// The features that it uses, such as `checkpoints`.
        #[serde(default)]
        features: Vec<String>,
        /// The endpoints that it declares.
        #[serde(default)]
        endpoints: Vec<Value>,
        /// Further attributes.
        attributes: Option<Map<String, Value>>,
        /// The version of Nango's SDK that it was built with.
        sdk_version: Option<String>,
    }
}

reply! {
    /// A model of a function.
    #[derive(Clone, PartialEq)]
    ScriptModel {
        /// The name.
        name: String,
        /// The fields. Newer deployments describe them in the JSON schema alone.
        #[serde(default)]
        fields: Vec<Value>,
    }
}

reply! {
    /// A function as models of OpenAI take it for a tool.
    #[derive(Clone, PartialEq)]
    OpenAiFunction {
        /// The name.
        name: String,
        /// The description.
        description: Option<String>,
        /// The JSON schema of its parameters.
        parameters: Value,
    }
}

crate::__debug_only!(ScriptsConfig { integration, provider, syncs, actions });
crate::__debug_only!(ScriptConfig { name, kind, enabled });
crate::__debug_only!(ScriptModel { name });
crate::__debug_only!(OpenAiFunction { name });

impl Client {
    /// Returns the deployed functions of all integrations. [`functions`](Self::functions) returns those of
    /// one, in pages.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// for integration in client.scripts_config().await? {
    ///     println!("{}: {} syncs", integration.integration, integration.syncs.len());
    /// }
    /// let tools = client.openai_functions().await?;
    /// # let _ = tools;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn scripts_config(&self) -> Result<Vec<ScriptsConfig>, Error> {
        let call = self.transport.call(&CONFIG);
        let Reply(found): Reply<Vec<ScriptsConfig>> = call.send(call.url(&["scripts", "config"])?).await?;
        Ok(found)
    }

    /// Returns the deployed functions of all integrations as tools for models of OpenAI.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn openai_functions(&self) -> Result<Vec<OpenAiFunction>, Error> {
        let call = self.transport.call(&CONFIG);
        let mut url = call.url(&["scripts", "config"])?;
        url.query_pairs_mut().append_pair("format", "openai");
        let Reply(Data(found)): Reply<Data<Vec<OpenAiFunction>>> = call.send(url).await?;
        Ok(found)
    }
}
