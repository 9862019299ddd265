//! Table of all deployed functions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::function::{Deployment, Function, FunctionKind};

/// Deployed functions, oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Functions {
    last_id: u64,
    all: Vec<Function>,
}

impl Functions {
    /// Adds or replaces a function. One that changes gets a new id.
    pub(crate) fn deploy(&mut self, deployed: Deployment, now: Timestamp) {
        let same = |one: &Function| one.is(deployed.kind, &deployed.integration, &deployed.name);
        if self.all.iter().any(|one| same(one) && one.deployed == deployed) {
            return;
        }
        self.all.retain(|one| !same(one));
        self.last_id += 1;
        self.all.push(Function { id: self.last_id, last_deployed: now, deployed });
    }

    pub(crate) fn get_mut(
        &mut self,
        kind: FunctionKind,
        integration: &str,
        name: &str,
    ) -> Option<&mut Function> {
        self.all.iter_mut().find(|one| one.is(kind, integration, name))
    }

    pub(crate) fn get(&self, kind: FunctionKind, integration: &str, name: &str) -> Option<&Function> {
        self.all.iter().find(|one| one.is(kind, integration, name))
    }

    pub(crate) fn sync(&self, integration: &str, name: &str) -> Option<&Function> {
        self.get(FunctionKind::Sync, integration, name)
    }

    /// Returns an integration's functions as Nango lists them: actions, then syncs, by name.
    pub(crate) fn of(&self, integration: &str) -> Vec<&Function> {
        let mut found: Vec<_> =
            self.all.iter().filter(|one| one.deployed.integration == integration).collect();
        found.sort_by(|a, b| (a.deployed.kind, &a.deployed.name).cmp(&(b.deployed.kind, &b.deployed.name)));
        found
    }

    pub(crate) fn syncs_of(&self, integration: &str) -> impl Iterator<Item = &Function> {
        let is_sync = |one: &&Function| one.deployed.kind == FunctionKind::Sync;
        self.of(integration).into_iter().filter(is_sync)
    }

    pub(crate) fn all(&self) -> &[Function] {
        &self.all
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&Function) -> bool) {
        self.all.retain(keep);
    }

    /// Moves an integration's functions to its new name.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        for one in self.all.iter_mut().filter(|one| one.deployed.integration == old) {
            one.deployed.integration = new.to_owned();
        }
    }
}
