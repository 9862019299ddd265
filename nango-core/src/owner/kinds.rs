//! All kinds of owner that an app has.

use std::borrow::Cow;

use nango_client::{TagError, Tags};

use super::attribution::{Attribution, AttributionFailure};
use super::kind::Kind;
use super::mapper::TagMapper;
use super::owner::Owner;
use super::tag_keys::{ATTEMPT_ID, OWNER_KIND};
use crate::config::ConfigError;

/// All kinds of an app, most specific first.
#[derive(Debug, Default)]
pub(crate) struct OwnerKinds {
    app: Option<String>,
    kinds: Vec<Kind>,
    unnamed: Option<Unnamed>,
    tracks_attempts: bool,
}

/// Connections without the app's name that [`NangoBuilder::adopt_unnamed`] claims.
///
/// [`NangoBuilder::adopt_unnamed`]: crate::NangoBuilder::adopt_unnamed
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unnamed {
    /// Those that this library made before the app had a name: `owner_kind` names a kind alone,
    /// such as `user`.
    OlderNames,
    /// Also those without the tag `owner_kind`, such as hand-made ones.
    AlsoUntagged,
}

impl OwnerKinds {
    pub(crate) fn name_app(&mut self, app: String) {
        self.app = Some(app);
    }

    pub(crate) fn has_app_name(&self) -> bool {
        self.app.is_some()
    }

    pub(crate) fn app_name(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// Reserves the tag of attempts.
    pub(crate) fn track_attempts(&mut self) {
        self.tracks_attempts = true;
    }

    /// Returns the attempt that tags name, while attempts are tracked.
    pub(crate) fn attempt_of<'t>(&self, tags: &'t Tags) -> Option<&'t str> {
        tags.get(ATTEMPT_ID).filter(|_| self.tracks_attempts)
    }

    /// Returns the tags without the one of an attempt, which says how a connection was made, and not
    /// whose it is.
    pub(crate) fn without_attempt<'t>(&self, tags: &'t Tags) -> Cow<'t, Tags> {
        // rule: attempt-tag
        if self.attempt_of(tags).is_none() {
            return Cow::Borrowed(tags);
        }
        let mut map = tags.as_map().clone();
        map.remove(ATTEMPT_ID);
        Cow::Owned(Tags::from_nango(map))
    }

    pub(crate) fn adopt_unnamed(&mut self, which: Unnamed) {
        self.unnamed = Some(which);
    }

    pub(crate) fn register<E: TagMapper>(&mut self) {
        self.kinds.push(Kind::of::<E>());
    }

    pub(crate) fn register_untyped(
        &mut self,
        name: &'static str,
        id_tag: &'static str,
        scope_tag: Option<&'static str>,
        tags: &'static [&'static str],
    ) {
        self.kinds.push(Kind::untyped(name, id_tag, scope_tag, tags));
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.kinds.is_empty() {
            return Err(ConfigError::MissingEntity);
        }
        if self.app.as_deref().is_some_and(|app| app.is_empty() || app.contains('/')) {
            return Err(ConfigError::InvalidAppName);
        }
        for (n, kind) in self.kinds.iter().enumerate() {
            if self.tracks_attempts {
                kind.check_room_for_attempt()?;
            }
            for earlier in &self.kinds[..n] {
                if earlier.name == kind.name {
                    return Err(ConfigError::DuplicateKind { kind: kind.name });
                }
                if kind.is_more_specific_than(earlier) {
                    return Err(ConfigError::KindOrder { first: kind.name, then: earlier.name });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn contains(&self, kind: &str) -> bool {
        self.named(kind).is_some()
    }

    /// Returns the key of the tag that identifies an owner of this kind.
    pub(crate) fn id_tag(&self, kind: &str) -> Option<&'static str> {
        self.named(kind).map(|kind| kind.id_tag)
    }

    /// Returns whether a tag is part of the owners of any kind.
    pub(crate) fn is_identity_tag(&self, key: &str) -> bool {
        self.kinds.iter().any(|kind| kind.id_tag == key || kind.scope_tag == Some(key))
    }

    /// Returns the tags without which a connection would not be this owner's.
    pub(crate) fn identifying_tags(&self, owner: &Owner) -> Result<Tags, TagError> {
        let mut tags = Tags::new();
        if let Some(kind) = self.named(owner.kind()) {
            tags.insert(kind.id_tag, owner.id())?;
            if let (Some(tag), Some(scope)) = (kind.scope_tag, owner.scope()) {
                tags.insert(tag, scope)?;
            }
        }
        Ok(tags)
    }

    /// Returns the value of the tag `owner_kind` for this kind.
    pub(crate) fn label(&self, kind: &str) -> String {
        match &self.app {
            Some(app) => format!("{app}/{kind}"),
            None => kind.to_owned(),
        }
    }

    /// Returns whether a text is the [`label`](Self::label) of a kind.
    fn is_label(&self, kind: &Kind, label: &str) -> bool {
        match &self.app {
            Some(app) => {
                label.strip_prefix(&**app).and_then(|rest| rest.strip_prefix('/')) == Some(kind.name)
            }
            None => label == kind.name,
        }
    }

    /// Finds the owner that these tags name.
    pub(crate) fn attribute(&self, tags: &Tags) -> Attribution {
        // rule: foreign-kind
        if let Some(label) = tags.get(OWNER_KIND) {
            let kind =
                self.kinds.iter().find(|kind| self.is_label(kind, label) || self.was_label(kind, label));
            return kind
                .map_or(Attribution::Failed(AttributionFailure::ForeignKind), |kind| kind.attribute(tags));
        }
        let claiming = || self.kinds.iter().filter(|kind| tags.get(kind.id_tag).is_some());
        // rule: missing-kind
        // In an environment that several apps share, another one may have made it.
        if self.app.is_some() && self.unnamed != Some(Unnamed::AlsoUntagged) && claiming().next().is_some() {
            return Attribution::Failed(AttributionFailure::MissingKind);
        }
        // rule: unreadable-id
        let wins = |kind: &&Kind| {
            claiming().all(|other| other.name == kind.name || kind.is_more_specific_than(other))
        };
        match (claiming().find(wins), claiming().next()) {
            (Some(kind), _) => kind.attribute(tags),
            (None, Some(_)) => Attribution::Failed(AttributionFailure::SeveralKinds),
            (None, None) => Attribution::Failed(AttributionFailure::NoIdentity),
        }
    }

    /// Returns the tags with the app's name, where they name an owner of this app without it; `None`
    /// where they have it, or where Nango takes no further tag.
    pub(crate) fn with_app_name(&self, tags: &Tags) -> Option<Tags> {
        self.app.as_ref()?;
        let Attribution::Owner(owner) = self.attribute(tags) else { return None };
        let label = self.label(owner.kind());
        if tags.get(OWNER_KIND) == Some(&label) {
            return None;
        }
        let mut name = Tags::new();
        name.insert(OWNER_KIND, label).ok()?;
        name.merged_over(tags).ok()
    }

    /// Returns whether tags name a kind of this app as it did before it had a name, or as an app without
    /// one does.
    pub(crate) fn has_older_name(&self, tags: &Tags) -> bool {
        self.app.is_some() && tags.get(OWNER_KIND).is_some_and(|label| self.contains(label))
    }

    /// Returns whether a label is the one that the kind had before the app had a name.
    fn was_label(&self, kind: &Kind, label: &str) -> bool {
        self.unnamed.is_some() && kind.name == label
    }

    fn named(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! kind {
        ($type:ident, $kind:literal, $id:literal, $tags:expr, $scope:expr) => {
            struct $type;
            impl TagMapper for $type {
                type Id = u32;
                const KIND: &'static str = $kind;
                const ID_TAG: &'static str = $id;
                const SCOPE_TAG: Option<&'static str> = $scope;
                const TAGS: &'static [&'static str] = $tags;
                fn owner(&self) -> Owner {
                    Owner::new($kind, 1)
                }
                fn to_tags(&self) -> Result<Tags, TagError> {
                    Ok(Tags::new())
                }
            }
        };
    }
    kind!(User, "user", "end_user_id", &["end_user_id", "organization_id"], None);
    kind!(Member, "member", "end_user_id", &["end_user_id", "organization_id"], Some("organization_id"));
    kind!(Organization, "organization", "organization_id", &["organization_id"], None);
    kind!(Project, "project", "project_id", &["project_id"], None);

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        Tags::from_nango(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn app(name: Option<&str>) -> OwnerKinds {
        let mut kinds = OwnerKinds::default();
        if let Some(name) = name {
            kinds.name_app(name.to_owned());
        }
        kinds.register::<User>();
        kinds.register::<Organization>();
        kinds.register::<Project>();
        assert!(kinds.check().is_ok());
        kinds
    }

    fn failure(kinds: &OwnerKinds, pairs: &[(&str, &str)]) -> Option<AttributionFailure> {
        match kinds.attribute(&tags(pairs)) {
            Attribution::Failed(why) => Some(why),
            Attribution::Owner(_) => None,
        }
    }

    #[test]
    fn owner_kind_decides() {
        let kinds = app(None);
        let both = [("end_user_id", "1"), ("organization_id", "2"), ("owner_kind", "organization")];
        assert_eq!(kinds.attribute(&tags(&both)), Attribution::Owner(Owner::new("organization", 2)));
        assert_eq!(
            failure(&kinds, &[("owner_kind", "team"), ("end_user_id", "1")]),
            Some(AttributionFailure::ForeignKind)
        );
    }

    #[test]
    fn apps_in_one_environment_do_not_see_each_other() {
        let kinds = app(Some("acme-prod"));
        assert_eq!(
            failure(&kinds, &[("owner_kind", "user"), ("end_user_id", "1")]),
            Some(AttributionFailure::ForeignKind)
        );
        assert_eq!(failure(&kinds, &[("owner_kind", "acme-prod/user"), ("end_user_id", "1")]), None);
    }

    #[test]
    fn with_a_name_a_missing_owner_kind_is_foreign() {
        let kinds = app(Some("billing"));
        let theirs = [("end_user_id", "1"), ("organization_id", "2")];
        for pairs in [&theirs[..1], &theirs, &[("end_user_id", "alice")]] {
            assert_eq!(failure(&kinds, pairs), Some(AttributionFailure::MissingKind), "{pairs:?}");
        }
        assert_eq!(failure(&kinds, &[("plan", "pro")]), Some(AttributionFailure::NoIdentity));
    }

    #[test]
    fn what_was_made_before_the_name_is_claimed_on_purpose() {
        let older = [("owner_kind", "user"), ("end_user_id", "1"), ("plan", "pro")];
        let untagged = [("end_user_id", "1")];
        let named = |kinds: &OwnerKinds, pairs: &[(&str, &str)]| {
            kinds.with_app_name(&tags(pairs)).map(|tags| tags.get(OWNER_KIND).map(str::to_owned))
        };
        let mut kinds = app(Some("billing"));
        assert_eq!((named(&kinds, &older), named(&kinds, &untagged)), (None, None));
        kinds.adopt_unnamed(Unnamed::OlderNames);
        assert_eq!(named(&kinds, &older), Some(Some("billing/user".to_owned())));
        assert_eq!(failure(&kinds, &untagged), Some(AttributionFailure::MissingKind));
        kinds.adopt_unnamed(Unnamed::AlsoUntagged);
        assert_eq!(named(&kinds, &untagged), Some(Some("billing/user".to_owned())));
        let foreign = [("owner_kind", "crm/user"), ("end_user_id", "1")];
        assert_eq!(failure(&kinds, &foreign), Some(AttributionFailure::ForeignKind));
        let current = [("owner_kind", "billing/user"), ("end_user_id", "1")];
        assert_eq!(named(&kinds, &current), None);
        assert_eq!(named(&app(None), &older[1..]), None, "an app without a name writes none");
    }

    #[test]
    fn without_owner_kind_the_most_specific_kind_that_is_there() {
        let kinds = app(None);
        let both = [("end_user_id", "1"), ("organization_id", "2")];
        assert_eq!(kinds.attribute(&tags(&both)), Attribution::Owner(Owner::new("user", 1)));
        assert_eq!(kinds.attribute(&tags(&both[1..])), Attribution::Owner(Owner::new("organization", 2)));
        assert_eq!(
            failure(&kinds, &[("project_id", "1"), ("organization_id", "2")]),
            Some(AttributionFailure::SeveralKinds)
        );
        assert_eq!(failure(&kinds, &[("plan", "pro")]), Some(AttributionFailure::NoIdentity));
    }

    #[test]
    fn an_id_that_does_not_read_back_is_not_passed_on_to_the_next_kind() {
        let kinds = app(None);
        for id in ["alice", "01", ""] {
            let pairs = [("end_user_id", id), ("organization_id", "2")];
            assert_eq!(failure(&kinds, &pairs), Some(AttributionFailure::UnreadableId), "{id}");
        }
    }

    #[test]
    fn a_scope_is_part_of_the_owner() {
        let mut kinds = OwnerKinds::default();
        kinds.register::<Member>();
        let owner = |org| match kinds.attribute(&tags(&[("end_user_id", "1"), ("organization_id", org)])) {
            Attribution::Owner(owner) => owner,
            Attribution::Failed(why) => panic!("{why}"),
        };
        assert_ne!(owner("1"), owner("2"));
        assert_eq!(owner("1").scope(), Some("1"));
    }

    #[test]
    fn a_general_kind_does_not_come_first() {
        let mut kinds = OwnerKinds::default();
        kinds.register::<Organization>();
        kinds.register::<User>();
        assert!(matches!(kinds.check(), Err(ConfigError::KindOrder { first: "user", then: "organization" })));
        let mut twice = OwnerKinds::default();
        twice.register::<User>();
        twice.register::<User>();
        assert!(matches!(twice.check(), Err(ConfigError::DuplicateKind { kind: "user" })));
    }
}
