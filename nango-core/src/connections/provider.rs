//! The provider's API, with a connection's credentials; and the metadata of a connection.

use nango_client::{Credentials, ProxyClient, Token};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::owned::OwnedConnection;
use crate::engine::Update;
use crate::error::{Error, ErrorKind};

impl OwnedConnection {
    /// Returns a client of the provider's API. Nango adds the connection's credentials, and
    /// refreshes them when due. Large replies are
    /// [streamed](nango_client::ProxyRequest::send_streamed).
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    /// if reply.status().is_success() {
    ///     let channels: serde_json::Value = reply.json()?;
    ///     println!("{}", channels["channels"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn proxy(&self) -> ProxyClient {
        self.engine().client.proxy(self.key())
    }

    /// Returns the token that Nango has: for a provider's own library, or for what the
    /// [proxy](Self::proxy) cannot carry.
    ///
    /// Nango refreshes it when it expires within 15 minutes, and not otherwise. Ask for it each
    /// time instead of keeping it.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let token = nango.connection(&user, "slack").await?.token().await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # let _ = header;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the connection is gone, or the key is another connection's by
    /// now; [`ErrorKind::InvalidCredentials`] when a refresh has failed;
    /// [`ErrorKind::NotATokenCredential`] when the credentials are not one token, such as a name
    /// and a password; [`ErrorKind::Unauthorized`] when the API key may not read credentials; and
    /// every failure of a call to Nango.
    pub async fn token(&self) -> Result<Token, Error> {
        let token = self.engine().client.token(self.key()).await?;
        if token.incarnation() == self.state().incarnation {
            Ok(token)
        } else {
            Err(Error::new(ErrorKind::NotFound))
        }
    }

    /// Returns the credentials that Nango has, of any kind: for what is authorised with more than one
    /// [token](Self::token).
    ///
    /// Nango refreshes them when they expire within 15 minutes, and not otherwise.
    ///
    /// ```no_run
    /// # use nango_core::{Credentials, Nango, Owner};
    /// # fn sign_in(_: &str, _: &str) {}
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let freshdesk = nango.connection(&user, "freshdesk").await?;
    /// if let Credentials::Basic(login) = freshdesk.credentials().await? {
    ///     sign_in(login.username.expose(), login.password.expose());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the connection is gone, or the key is another connection's by
    /// now; [`ErrorKind::InvalidCredentials`] when a refresh has failed; and every failure of a call to
    /// Nango. With an API key that may not read credentials they are [`Credentials::None`], since Nango
    /// does not say which (observed on 0.71.4).
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        let found = self.engine().client.connection_details(self.key()).send().await?;
        if found.connection.incarnation == self.state().incarnation {
            Ok(found.credentials)
        } else {
            Err(Error::new(ErrorKind::NotFound))
        }
    }
}

/// The metadata of a connection: a JSON object that Nango's functions can read. Not for secrets.
#[derive(Debug, Clone)]
pub struct MetadataClient(OwnedConnection);

impl OwnedConnection {
    /// Returns a client of the connection's metadata.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Settings {
    ///     channel: String,
    /// }
    ///
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// slack.metadata().set(&Settings { channel: "general".to_owned() }).await?;
    /// let Settings { channel } = slack.metadata().get().await?;
    /// # let _ = channel;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn metadata(&self) -> MetadataClient {
        MetadataClient(self.clone())
    }
}

impl MetadataClient {
    /// Returns the metadata; an empty object when there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is not a `T`, [`ErrorKind::NotFound`] when the connection is
    /// gone, and every failure of a call to Nango.
    pub async fn get<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let metadata = self.0.engine().client.metadata(self.0.key()).await?;
        serde_json::from_value(Value::Object(metadata))
            .map_err(|_| Error::because(ErrorKind::Decode, "the metadata is not of the requested type"))
    }

    /// Replaces all of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it is not an object, [`ErrorKind::NotFound`] when the
    /// connection is gone, and every failure of a call to Nango.
    pub async fn set(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Mode::Replace).await
    }

    /// Replaces the keys that it names and keeps the rest. A `null` is stored as one.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// slack.metadata().update(&serde_json::json!({ "channel": "random" })).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn update(&self, metadata: &impl Serialize) -> Result<(), Error> {
        self.write(object(metadata)?, Mode::Merge).await
    }

    /// Writes it at Nango, then remembers it in the row where the app wants metadata kept: an empty
    /// object that is not remembered would be taken for wiped by a reconnect.
    async fn write(&self, metadata: Map<String, Value>, mode: Mode) -> Result<(), Error> {
        let (engine, key) = (self.0.engine(), self.0.key());
        let waiter = engine.join_looks(key);
        let _guard = waiter.lock().await;
        match mode {
            Mode::Replace => engine.client.set_metadata(key, &metadata).await?,
            Mode::Merge => engine.client.update_metadata(key, &metadata).await?,
        }
        if !engine.keep_metadata {
            return Ok(());
        }
        let metadata = match mode {
            Mode::Replace => metadata,
            // The answer to a merge has only what was sent (observed on 0.71.4).
            Mode::Merge => engine.client.metadata(key).await?,
        };
        let update = engine.update(key, None, |row| {
            row.filter(|row| self.0.still_owns(row)).map(|row| engine.context().metadata_set(row, &metadata))
        });
        if let Update::Written(_) = update.await?.settled()?
            && metadata.is_empty()
            && !engine.client.metadata(key).await?.is_empty()
        {
            // Another instance took it for wiped, and restored it, before it was remembered.
            engine.client.set_metadata(key, &metadata).await?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Merge,
    Replace,
}

fn object(metadata: &impl Serialize) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::because(ErrorKind::InvalidRequest, "the metadata is not a JSON object")),
    }
}
