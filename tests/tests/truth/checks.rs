//! What must hold.

use std::collections::HashMap;

use nango_core::{ConnectionStore, Health};
use nango_tests::User;

use crate::store::incarnation;
use crate::world::World;

impl World {
    /// What must hold at every moment: every write was right, and what was disconnected is not there.
    pub(crate) async fn check_now(&self) {
        self.store.check();
        for row in self.store.page(None, 1000).await.unwrap().into_iter().filter(|row| !row.removed) {
            let gone = self.store.facts().disconnected.contains(&(row.key.clone(), incarnation(&row)));
            assert!(!gone, "a disconnected one is there");
        }
    }

    /// What must hold when all is done: the store says what Nango says, and the app knows.
    pub(crate) async fn check_end(&self) {
        let rows = self.store.page(None, 1000).await.unwrap();
        for row in &rows {
            let heard = self.store.facts().heard.get(&row.key).cloned();
            let (owner, health) = heard.expect("the app has heard of it");
            assert_eq!(health == Health::Gone, row.removed, "what the app has heard last: {health:?}");
            assert!(row.removed || Some(&owner) == row.owner.as_ref(), "whose the app thinks it is");
        }
        let live: HashMap<_, _> =
            rows.into_iter().filter(|row| !row.removed).map(|row| (row.key.clone(), row)).collect();
        let truth = self.truth().await;
        assert_eq!(live.len(), truth.len(), "as many connections");
        for connection in truth {
            let row = live.get(&connection.key).expect("a connection is missing here");
            assert_eq!(incarnation(row), connection.incarnation, "the incarnation");
            let user = User::named(row.owner.as_ref().unwrap().id()).unwrap();
            let ours = self.nango.connections(&user).await.unwrap();
            let ours = ours.iter().find(|one| *one.key() == connection.key).unwrap();
            let broken = connection.errors.iter().any(|error| error.kind == "auth");
            let ill = matches!(ours.health(), Health::Degraded | Health::NeedsReconnect);
            assert_eq!(ill, broken, "{:?}", ours.health());
            let heard = self.store.facts().heard[&connection.key].1;
            assert_eq!(heard, ours.health(), "what the app has heard last");
            let name = (connection.key.clone(), connection.incarnation);
            let theirs = self.store.facts().retagged.get(&name).cloned();
            assert_eq!(
                connection.tags.get("end_user_id"),
                Some(theirs.unwrap_or(user.id).as_str()),
                "tags were not given back, or somebody else's were overwritten"
            );
        }
    }
}
