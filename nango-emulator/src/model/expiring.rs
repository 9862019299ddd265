//! Entries that expire: connect sessions and OAuth2 flows.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Entry that is removed some time after it was added.
pub(crate) trait Expires {
    /// Returns the time until which the entry is stored. It never changes.
    fn stored_until(&self) -> Timestamp;
}

/// Entries by name. Each addition removes the entries that have expired by then, so that they do
/// not pile up; its cost does not depend on their number.
#[derive(Clone)]
pub(crate) struct Expiring<T> {
    entries: HashMap<Arc<str>, T>,
    /// All names by the end of their entries, and names of entries that were removed before it.
    ends: VecDeque<(Timestamp, Arc<str>)>,
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), ends: VecDeque::new() }
    }
}

impl<T: Expires> Expiring<T> {
    pub(crate) fn insert(&mut self, name: &str, entry: T, now: Timestamp) {
        self.remove_expired(now);
        self.forget_removed();
        self.add(name.into(), entry);
    }

    fn add(&mut self, name: Arc<str>, entry: T) {
        let end = entry.stored_until();
        // Entries come in the order of their ends, unless a clock was set back.
        let at = self.ends.iter().rposition(|(other, _)| *other <= end).map_or(0, |at| at + 1);
        self.ends.insert(at, (end, Arc::clone(&name)));
        self.entries.insert(name, entry);
    }

    fn remove_expired(&mut self, now: Timestamp) {
        while let Some((_, name)) = self.ends.pop_front_if(|(end, _)| *end <= now) {
            // A name that was given again has another end.
            if self.entries.get(&name).is_some_and(|entry| entry.stored_until() <= now) {
                self.entries.remove(&name);
            }
        }
    }

    /// Forgets the ends of entries that were removed, once they are the most.
    fn forget_removed(&mut self) {
        const FEW: usize = 1000;
        if self.ends.len() > 2 * self.entries.len() + FEW {
            let entries = &self.entries;
            self.ends.retain(|(_, name)| entries.contains_key(name));
        }
    }

    /// Returns the entry, even one that has expired.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(name)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<T> {
        self.entries.remove(name)
    }
}

impl<T: Serialize> Serialize for Expiring<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries.iter().map(|(name, entry)| (&**name, entry)))
    }
}

impl<'de, T: Expires + Deserialize<'de>> Deserialize<'de> for Expiring<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = HashMap::<String, T>::deserialize(deserializer)?;
        let mut saved: Vec<_> = saved.into_iter().collect();
        saved.sort_by_key(|(_, entry)| entry.stored_until());
        let mut all = Self::default();
        for (name, entry) in saved {
            all.add(name.into(), entry);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Expires for i64 {
        fn stored_until(&self) -> Timestamp {
            at(*self)
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn names(all: &Expiring<i64>) -> Vec<&str> {
        let mut names: Vec<_> = all.entries.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn additions_remove_what_has_expired() {
        let mut all = Expiring::default();
        for (name, end, now) in [("a", 10, 0), ("b", 20, 5), ("c", 15, 5)] {
            all.insert(name, end, at(now));
        }
        assert_eq!((names(&all), all.get("a")), (vec!["a", "b", "c"], Some(&10)));
        all.insert("d", 40, at(15));
        assert_eq!(names(&all), ["b", "d"]);
        // The end of the first `b` has no effect on the second.
        all.insert("b", 50, at(16));
        all.insert("e", 60, at(30));
        assert_eq!(names(&all), ["b", "d", "e"]);
        assert_eq!(all.ends.len(), 3);
    }

    #[test]
    fn removed_entries_leave_no_lasting_trace() {
        let mut all = Expiring::default();
        for n in 0..10_000 {
            let name = n.to_string();
            all.insert(&name, 100, at(0));
            assert_eq!(all.remove(&name), Some(100));
        }
        assert!(all.ends.len() <= 1001, "{}", all.ends.len());
    }
}
