//! Environments: their variables, keys and signing keys.

use http::Method;
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::reply::{Data, Reply, reply};
use super::secret::Secret;
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static VARIABLES: Endpoint =
    Endpoint::new(Method::GET, "/environment-variables", "read the environment variables");

static CREATE: Endpoint = Endpoint::new(Method::POST, "/environments", "create an environment");

static DELETE: Endpoint =
    Endpoint::new(Method::DELETE, "/environments/{environmentId}", "delete an environment")
        .of("the environment");

static CREATE_KEY: Endpoint =
    Endpoint::new(Method::POST, "/environment/api-keys", "create an API key").of("the environment");

static DELETE_KEY: Endpoint =
    Endpoint::new(Method::DELETE, "/environment/api-keys", "delete an API key").of("the API key");

static ROTATE: Endpoint =
    Endpoint::new(Method::POST, "/environment/webhook-signing-key/rotate", "rotate the webhook signing key");

reply! {
    /// A variable of an environment, as its functions read it.
    #[derive(Clone)]
    EnvironmentVariable {
        /// The name.
        name: String,
        /// The value.
        value: Secret,
    }
}

reply! {
    /// An environment.
    #[derive(Clone, PartialEq)]
    Environment {
        /// The id.
        id: i64,
        /// The name.
        name: String,
    }
}

reply! {
    /// An API key that was created.
    #[derive(Clone)]
    CreatedApiKey {
        /// The id, for its deletion.
        id: i64,
        /// The display name.
        display_name: String,
        /// The scopes.
        scopes: Vec<String>,
        /// The key. Nango does not return it again.
        secret: Secret,
        /// The time of its creation.
        created_at: Timestamp,
    }
}

crate::__debug_only!(EnvironmentVariable { name });
crate::__debug_only!(Environment { id, name });
crate::__debug_only!(CreatedApiKey { id, display_name, scopes });

/// These calls are documented by Nango. Of them only the variables were observed, on 0.71.4.
impl Client {
    /// Returns the variables of the environment.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// for variable in client.environment_variables().await? {
    ///     println!("{}", variable.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn environment_variables(&self) -> Result<Vec<EnvironmentVariable>, Error> {
        let call = self.transport.call(&VARIABLES);
        let Reply(found): Reply<Vec<EnvironmentVariable>> =
            call.send(call.url(&["environment-variables"])?).await?;
        Ok(found)
    }

    /// Creates an environment, with an API key of the account. The name has lower-case letters, digits,
    /// `-` and `_`.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// // With an API key of the account.
    /// let preview = client.create_environment("preview-17").await?;
    /// let key = client.create_api_key(preview.id, "ci").await?;
    /// // Later:
    /// client.delete_api_key(preview.id, key.id).await?;
    /// client.delete_environment(preview.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when there is one of this name, and those of any call.
    pub async fn create_environment(&self, name: &str) -> Result<Environment, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            name: &'a str,
        }
        let call = self.transport.call(&CREATE);
        let Reply(Data(created)): Reply<Data<Environment>> =
            call.submit(call.url(&["environments"])?, &Body { name }).await?;
        Ok(created)
    }

    /// Deletes an environment **with everything in it**, with an API key of the account.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such environment,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for `prod`, and those of any call.
    pub async fn delete_environment(&self, id: i64) -> Result<(), Error> {
        let call = self.transport.call(&DELETE);
        let url = call.url(&["environments", &id.to_string()])?;
        // The response has no body.
        Ok(call.send_and_read(url, |_| Ok(())).await?)
    }

    /// Creates an API key of an environment, with an API key of the account. It has all scopes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such environment,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when it has a key of this name, and those of any call.
    pub async fn create_api_key(&self, environment: i64, display_name: &str) -> Result<CreatedApiKey, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            environment_id: i64,
            display_name: &'a str,
        }
        let call = self.transport.call(&CREATE_KEY);
        let body = Body { environment_id: environment, display_name };
        let Reply(Data(created)): Reply<Data<CreatedApiKey>> =
            call.submit(call.url(&["environment", "api-keys"])?, &body).await?;
        Ok(created)
    }

    /// Deletes an API key of an environment, with an API key of the account.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such key, and those of any call.
    pub async fn delete_api_key(&self, environment: i64, id: i64) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body {
            environment_id: i64,
            key_id: i64,
        }
        #[derive(Deserialize)]
        struct Done {}
        let call = self.transport.call(&DELETE_KEY);
        let body = Body { environment_id: environment, key_id: id };
        let Done {} = call.submit(call.url(&["environment", "api-keys"])?, &body).await?;
        Ok(())
    }

    /// Replaces the key that Nango signs webhooks with, and returns the new one.
    ///
    /// Nango may sign with the old one for five minutes more: until then
    /// [`SigningKeys`](crate::SigningKeys) need both. The key needs the scope
    /// `environment:webhook_signing_key:rotate`.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, SigningKeys};
    /// # async fn run(client: Client, old: &str) -> Result<(), Error> {
    /// let new = client.rotate_webhook_signing_key().await?;
    /// // For five minutes, both:
    /// let keys = SigningKeys::new([new.expose(), old]);
    /// # let _ = keys;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the environment has several signing keys, and those
    /// of any call. [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) leaves open whether it was replaced.
    pub async fn rotate_webhook_signing_key(&self) -> Result<Secret, Error> {
        #[derive(Serialize)]
        struct Empty {}
        #[derive(Deserialize)]
        struct Rotated {
            data: RotatedKey,
        }
        #[derive(Deserialize)]
        struct RotatedKey {
            webhook_signing_key: Reply<Secret>,
        }
        let call = self.transport.call(&ROTATE);
        let url = call.url(&["environment", "webhook-signing-key", "rotate"])?;
        let Rotated { data: RotatedKey { webhook_signing_key: Reply(key) } } =
            call.submit(url, &Empty {}).await?;
        Ok(key)
    }
}
