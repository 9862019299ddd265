//! Attempts: what became of one click on "Connect".

use std::time::Duration;

use nango_client::{ConnectLink, ConnectSession, SessionToken, Tags, Timestamp};
use tokio::time::Instant;

use super::owned::{OwnedConnection, Shared, list};
use crate::attempts::{AttemptText, Target};
use crate::error::{Error, ErrorKind};
use crate::owner::{ATTEMPT_ID, OwnerIdentity};

/// The longest time that a caller waits: longer than any attempt lives.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A connect session of an owner, and the attempt that began with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Session {
    /// The token that the browser opens Nango's Connect UI with.
    pub token: SessionToken,
    /// The time of its expiry.
    pub expires_at: Timestamp,
    /// The address at which the browser of the session's user opens the Connect UI; `None` if Nango does
    /// not name it.
    ///
    /// For an e-mail, or another device, of **that user**: a session belongs to its owner, whoever opens
    /// the link, so that one who sends a link of their own to another person gets that person's account.
    /// With a [guarded callback](crate::NangoBuilder::guard_callback), send people to a page of the
    /// app that asks for their login instead.
    pub connect_link: Option<ConnectLink>,
    /// The attempt; `None` while attempts are not [tracked](crate::NangoBuilder::track_attempts).
    pub attempt: Option<Attempt>,
}

/// An attempt to connect, or to authorise again: what became of one click.
///
/// It needs no table: a text that the app signs says who began it, for which integrations, and until
/// when; and the connection says in which attempts it was made. [`Nango::attempt`](crate::Nango::attempt)
/// reads the text.
#[derive(Clone)]
pub struct Attempt {
    shared: Shared,
    identity: OwnerIdentity,
    attempt: AttemptText,
    text: String,
}

/// The outcome of an attempt, so far.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AttemptState {
    /// It led to these connections: usually one. More are possible, since the token of a session is not
    /// used up (observed on 0.71.4); a page should say so.
    Connected(Vec<OwnedConnection>),
    /// Its time is over, and it led to no connection that the owner still has.
    Expired,
    /// It has not led to a connection yet. Nango does not report that a person has refused or closed a
    /// window.
    Pending,
}

nango_client::__debug_only!(Attempt {});

impl Attempt {
    /// Returns the text of the attempt, for the browser of its owner. It is of use to that owner alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the outcome so far, as the store has it.
    ///
    /// # Errors
    ///
    /// When the store is unavailable.
    pub async fn state(&self) -> Result<AttemptState, Error> {
        self.wait_for(Duration::ZERO).await
    }

    /// Waits at most this long for a connection, and returns the outcome.
    ///
    /// Meanwhile it reads the store once a second, and looks at Nango's newest connections every two
    /// seconds: one look for all callers of the process, within the share of the rate limit that
    /// [`look_share`](crate::NangoBuilder::look_share) leaves to owners. So it needs no webhook, and a
    /// delivery that another instance received is enough. A key that may not list waits for the webhook.
    ///
    /// # Errors
    ///
    /// When the store is unavailable.
    pub async fn wait_for(&self, time: Duration) -> Result<AttemptState, Error> {
        let (engine, owner) = (&self.shared.engine, self.identity.owner());
        let deadline = Instant::now() + time.min(MAX_WAIT);
        let again = self.connection_to_authorise().await?;
        let again = again.as_ref().map(OwnedConnection::key);
        let rows = engine.wait_for_attempt(owner, &self.attempt, again, deadline).await?;
        let connections =
            rows.into_iter().filter_map(|row| OwnedConnection::new(&self.shared, row, &self.identity));
        let connections: Vec<_> = connections.collect();
        Ok(match connections.is_empty() {
            false => AttemptState::Connected(connections),
            true if self.attempt.is_expired(Timestamp::now()) => AttemptState::Expired,
            true => AttemptState::Pending,
        })
    }

    async fn connection_to_authorise(&self) -> Result<Option<OwnedConnection>, Error> {
        let Some(keys) = &self.shared.settings.attempt_keys else { return Ok(None) };
        if let Target::Connect { .. } = self.attempt.target() {
            return Ok(None);
        }
        let mut connections = list(&self.shared, &self.identity).await?.into_iter();
        Ok(connections.find(|connection| keys.is_of(&self.attempt, connection.key())))
    }
}

/// Reads an attempt of this owner.
pub(crate) fn open(shared: &Shared, identity: OwnerIdentity, text: &str) -> Result<Attempt, Error> {
    let keys = shared.settings.attempt_keys.as_ref();
    let attempt = keys.and_then(|keys| keys.open(text, identity.owner()));
    let attempt = attempt.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
    Ok(Attempt { shared: shared.clone(), identity, attempt, text: text.to_owned() })
}

/// An attempt whose session is not created yet.
pub(crate) struct BegunAttempt(Option<AttemptText>);

impl BegunAttempt {
    /// Adds the tag of the attempt to those of its session. Where Nango takes no further tag, there is no
    /// attempt: a connection that was imported with ten tags can be authorised again all the same.
    pub(crate) fn new(attempt: Option<AttemptText>, tags: &mut Tags) -> Self {
        Self(attempt.filter(|attempt| tags.insert(ATTEMPT_ID, attempt.id().as_str()).is_ok()))
    }

    /// Returns the session, with the attempt, which lives as long.
    pub(crate) fn complete(
        self,
        shared: &Shared,
        identity: OwnerIdentity,
        session: ConnectSession,
    ) -> Session {
        let ConnectSession { token, expires_at, connect_link, .. } = session;
        let keys = shared.settings.attempt_keys.as_ref();
        let sealed = self.0.zip(keys).map(|(attempt, keys)| keys.seal(attempt, expires_at));
        let attempt =
            sealed.map(|(attempt, text)| Attempt { shared: shared.clone(), identity, attempt, text });
        Session { token, expires_at, connect_link, attempt }
    }
}
