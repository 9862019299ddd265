//! Looks: reading one connection from Nango and writing down what follows.

use nango_client::{
    AuthEvent, Client, Connection, ConnectionKey, ErrorKind as NangoErrorKind, Lookup, Refresh,
};
use tokio::time::timeout;

use super::counters::Count;
use super::deadlines::LOOK;
use super::engine::Engine;
use super::parts::{Looked, Trigger, agrees};
use super::row::{EDIT_ATTEMPTS, WRITE_ATTEMPTS};
use crate::error::{Error, ErrorKind};
use crate::reconcile::{Finding, Observation, Reconciled};
use crate::record::{Applied, Change, Record};

impl Engine {
    /// Looks at a connection, applies what follows, and begins to notify the handler.
    pub(crate) async fn look_and_notify(
        &self,
        key: &ConnectionKey,
        trigger: Trigger<'_>,
    ) -> Result<Looked, Error> {
        let looked = self.look(key, trigger).await?;
        self.notify(looked.row.as_ref());
        Ok(looked)
    }

    /// Like [`look_and_notify`](Self::look_and_notify), without notifying the handler. Concurrent
    /// callers share one look.
    pub(super) async fn look(&self, key: &ConnectionKey, trigger: Trigger<'_>) -> Result<Looked, Error> {
        let waiter = self.looks.join(key);
        let is_enough = |outcome: &Result<Looked, Error>| match outcome {
            Ok(looked) => trigger.is_answered_by(looked),
            // A failure is shared, too: while Nango or the store is unavailable, the waiting
            // callers do not each try again.
            Err(_) => true,
        };
        let mut guard = match waiter.wait(is_enough).await {
            Ok(shared) => return shared,
            Err(guard) => guard,
        };
        guard.begin();
        let outcome = self.look_locked(key, trigger).await;
        guard.finish(&outcome);
        outcome
    }

    /// Reads the row, looks, and applies what follows; again when the row has changed meanwhile.
    async fn look_locked(&self, key: &ConnectionKey, trigger: Trigger<'_>) -> Result<Looked, Error> {
        for _ in 0..WRITE_ATTEMPTS {
            let mut row = self.row(key).await?;
            let observation = self.observe(key, trigger, row.as_ref()).await?;
            // rule: row-first
            if let Some(looked) = self.apply_look_locked(&mut row, observation).await? {
                return Ok(looked);
            }
        }
        Err(Error::because(ErrorKind::Unavailable, "other writers of the row were quicker every time; retry"))
    }

    /// Looks by id as a background call, however long it takes, and begins to notify the handler. The
    /// lock is held only while the row is written: a delivery must not wait for this look.
    pub(crate) async fn look_in_background(&self, key: &ConnectionKey) -> Result<Option<Record>, Error> {
        for _ in 0..WRITE_ATTEMPTS {
            let row = self.row(key).await?;
            let observation = self.observe_by_id(&self.client.background(), key, Refresh::WhenDue).await?;
            if let Some(looked) = self.apply_look(key, row, observation).await? {
                self.notify(looked.row.as_ref());
                return Ok(looked.row);
            }
        }
        Err(Error::because(ErrorKind::Unavailable, "other writers of the row were quicker every time; retry"))
    }

    /// Applies an observation to the row that was read before it; `None` when another writer has
    /// changed the row since. The handler is not notified.
    pub(super) async fn apply_look(
        &self,
        key: &ConnectionKey,
        mut row: Option<Record>,
        observation: Observation,
    ) -> Result<Option<Looked>, Error> {
        let waiter = self.looks.join(key);
        let _guard = waiter.lock().await;
        self.apply_look_locked(&mut row, observation).await
    }

    /// The row is moved out, or replaced by one that was marked since. (Lent, since a future has an argument twice.)
    async fn apply_look_locked(
        &self,
        row: &mut Option<Record>,
        observation: Observation,
    ) -> Result<Option<Looked>, Error> {
        let Some(Reconciled { change, finding, repair }) = self.write_look(row, &observation).await? else {
            return Ok(None);
        };
        if let (Some(change), Some(repair)) = (&change, repair) {
            // In a box for the same reason as a look by id.
            Box::pin(self.repair(change.key(), &repair)).await;
        }
        match finding {
            Finding::Nothing | Finding::Changed => {}
            Finding::OwnerConflict => self.count(Count::OwnerConflicts),
            Finding::Quarantined(_) => self.count(Count::Quarantined),
        }
        let row = change.map_or_else(|| row.take(), Change::into_next);
        self.ask_for_label(row.as_ref());
        Ok(Some(Looked { row, finding, observation }))
    }

    /// Writes the consequences of an observation to the row that was read before it. Returns them;
    /// `None` when another writer than a mark has changed the row since.
    ///
    /// A mark asks for a further look. It does not make this one wrong, and deliveries that are
    /// replayed without end would otherwise let no look of the connection succeed. So the look is
    /// written, and the mark stays.
    async fn write_look(
        &self,
        row: &mut Option<Record>,
        observation: &Observation,
    ) -> Result<Option<Reconciled>, Error> {
        let mut reconciled = self.context().reconcile(row.as_ref(), observation);
        let Some(key) = reconciled.change.as_ref().map(|change| change.key().clone()) else {
            return Ok(Some(reconciled));
        };
        for _ in 0..EDIT_ATTEMPTS {
            let is_stale = if let Some(change) = &reconciled.change
                // rule: renewal
                && self.apply(change).await? == Applied::Stale
            {
                true
            } else {
                false
            };
            if !is_stale {
                return Ok(Some(reconciled));
            }
            let Some(marked) = self.row(&key).await? else { return Ok(None) };
            // rule: marked-since
            if !marked.is_only_marked_since(row.as_ref()) {
                return Ok(None);
            }
            reconciled = self.context().reconcile(Some(&marked), observation);
            // rule: kept-mark
            reconciled.change = reconciled.change.and_then(|change| change.keeping_mark(&marked));
            *row = Some(marked);
        }
        Ok(None)
    }

    /// Asks Nango about the connection of a row that was read before.
    async fn observe(
        &self,
        key: &ConnectionKey,
        trigger: Trigger<'_>,
        row: Option<&Record>,
    ) -> Result<Observation, Error> {
        let observe = async {
            let listed = match trigger {
                Trigger::Webhook(event) => self.observe_in_list(key, event).await?,
                Trigger::Mark | Trigger::Request | Trigger::ForcedRefresh => None,
            };
            let observation = match (listed, trigger) {
                (Some(listed), _) => listed,
                (None, Trigger::ForcedRefresh) => Box::pin(self.observe_refreshed(key)).await?,
                (None, _) => self.observe_boxed(key, Refresh::WhenDue).await?,
            };
            self.check_absence(row, &observation).await?;
            Ok::<_, Error>(observation)
        };
        if let Ok(observation) = timeout(LOOK, observe).await {
            self.hanging.remove(key);
            return Ok(observation?.with_reported(trigger.reported_failure()));
        }
        self.hanging.insert(key);
        Err(Error::because(ErrorKind::Unavailable, "nango did not answer a look within 5 s; retry later"))
    }

    /// Looks in the list; `None` where it does not answer.
    ///
    /// It may come from a replica: the primary decides on absence and contradiction.
    async fn observe_in_list(
        &self,
        key: &ConnectionKey,
        event: &AuthEvent,
    ) -> Result<Option<Observation>, Error> {
        Ok(match self.find_in_list(key).await? {
            // rule: contradiction
            Some(found) if agrees(event, &found) => Some(Observation::listed(found)),
            // rule: payload
            // rule: absence
            _ => None,
        })
    }

    /// Finds the connection in Nango's list; `None` also for keys that may not list, which are
    /// common, and advised by Nango.
    pub(super) async fn find_in_list(&self, key: &ConnectionKey) -> Result<Option<Connection>, Error> {
        let list = self.list.connections().key(key).limit(10);
        // In a box, so that a look is of a size that allocators have at hand.
        match Box::pin(list.send()).await {
            Ok(found) => Ok(found.into_iter().find(|connection| connection.key == *key)),
            Err(error) if error.kind() == NangoErrorKind::Unauthorized => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn observe_by_id(
        &self,
        client: &Client,
        key: &ConnectionKey,
        refresh: Refresh,
    ) -> Result<Observation, Error> {
        let client = self.reading(client);
        // rule: their-outage
        Ok(Observation::looked_up(client.look_up(key, refresh).await?, refresh))
    }

    /// Looks by id. In a box, since every delivery would take the memory of it, and few look by id.
    async fn observe_boxed(&self, key: &ConnectionKey, refresh: Refresh) -> Result<Observation, Error> {
        Box::pin(self.observe_by_id(&self.client, key, refresh)).await
    }

    /// Looks by id with a forced refresh, or without one where the key may not force it: Nango refuses
    /// that to a key without the scope `environment:connections:read_credentials` (observed on
    /// 0.71.4).
    async fn observe_refreshed(&self, key: &ConnectionKey) -> Result<Observation, Error> {
        match self.observe_boxed(key, Refresh::Force).await {
            // rule: forced-scope
            Err(error) if error.is_missing_scope() => self.observe_boxed(key, Refresh::WhenDue).await,
            outcome => outcome,
        }
    }

    /// Returns the client for look-ups: metadata that is not kept is not read, since it can make a
    /// connection unreadable.
    pub(super) fn reading(&self, client: &Client) -> Client {
        if self.keep_metadata { client.clone() } else { client.without_metadata() }
    }

    /// Fetches the connection from Nango, in working order or not; `None` when it or its
    /// integration is gone.
    pub(crate) async fn fetch(&self, key: &ConnectionKey) -> Result<Option<Connection>, Error> {
        match self.reading(&self.client).look_up(key, Refresh::WhenDue).await? {
            Lookup::Working(found) | Lookup::Broken(found) => Ok(Some(found)),
            Lookup::Missing | Lookup::UnknownIntegration => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of_val;

    use nango_client::SigningKeys;

    use super::*;
    use crate::{MemoryStore, Nango, Owner, TagError, TagMapper, Tags};

    struct User;

    impl TagMapper for User {
        type Id = u64;
        const KIND: &'static str = "user";
        const ID_TAG: &'static str = "end_user_id";
        const TAGS: &'static [&'static str] = &["end_user_id"];

        fn owner(&self) -> Owner {
            Owner::new(Self::KIND, 7)
        }

        fn to_tags(&self) -> Result<Tags, TagError> {
            Ok(Tags::new())
        }
    }

    /// What is larger is no block that glibc has at hand, and is copied where it is boxed.
    #[test]
    fn the_future_of_a_look_is_small() {
        let keys = SigningKeys::new(["0123456789abcdef"]).unwrap();
        let nango = Nango::builder("key", keys, MemoryStore::new()).allowed_integrations(["slack"]);
        let nango = nango.host("http://127.0.0.1:1").entity::<User>().build().unwrap();
        let key = ConnectionKey::new("slack", "c");
        let engine = nango.engine();
        let look = size_of_val(&engine.look(&key, Trigger::Request));
        assert!(look <= 1_032, "{look} bytes");
    }
}
