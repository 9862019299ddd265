//! The kinds of owner that an app has, and which of them a connection's tags name.

use std::fmt::{self, Display};

use crate::config::ConfigError;
use crate::entity::{Owner, OwnerId, TagMapper};
use crate::tags::{OWNER_KIND, TagError, Tags};

/// One registered [`TagMapper`], without its type.
#[derive(Debug, Clone, Copy)]
struct Kind {
    name: &'static str,
    id_tag: &'static str,
    scope_tag: Option<&'static str>,
    tags: &'static [&'static str],
    reads_back: fn(&str) -> bool,
}

impl Kind {
    fn of<E: TagMapper>() -> Self {
        fn reads_back<Id: OwnerId>(text: &str) -> bool {
            Id::from_text(text).is_some()
        }
        Self {
            name: E::KIND,
            id_tag: E::ID_TAG,
            scope_tag: E::SCOPE_TAG,
            tags: E::TAGS,
            reads_back: reads_back::<E::Id>,
        }
    }

    /// A user with an `organization_id` is more specific than the organisation that it names.
    fn is_more_specific_than(&self, other: &Self) -> bool {
        self.tags.contains(&other.id_tag) && !other.tags.contains(&self.id_tag)
    }

    fn owner(&self, tags: &Tags) -> Attribution {
        match tags.get(self.id_tag) {
            None => Attribution::Nobody(Unattributed::NoIdentity),
            // Never passed on to the next kind: that would show one person's connection to a whole organisation.
            Some(id) if !(self.reads_back)(id) => Attribution::Nobody(Unattributed::UnreadableId),
            Some(id) => {
                let scope = self.scope_tag.and_then(|tag| tags.get(tag));
                Attribution::Owner(Owner::new(self.name, id).with_scope(scope))
            }
        }
    }
}

/// What tags say about the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribution {
    Owner(Owner),
    Nobody(Unattributed),
}

/// Why a connection belongs to nobody that the app knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unattributed {
    /// The tag `owner_kind` names a kind, or an app, that is not registered here.
    ForeignKind,
    /// No tag identifies an owner of any kind.
    NoIdentity,
    /// Several kinds claim the tags, and none is more specific than the others.
    SeveralKinds,
    /// The identity tag is there, and is not an id or not its one spelling.
    UnreadableId,
}

impl Unattributed {
    /// Whether the tags say nothing at all about an owner, as they do when somebody has wiped them.
    pub(crate) fn is_silence(self) -> bool {
        self == Self::NoIdentity
    }
}

impl Display for Unattributed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignKind => "the tag owner_kind names a kind or an app that is not registered",
            Self::NoIdentity => "no tag identifies an owner",
            Self::SeveralKinds => "the tags identify owners of several kinds",
            Self::UnreadableId => "the identity tag is not an id",
        })
    }
}

/// All kinds of an app, most specific first.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    app: Option<String>,
    kinds: Vec<Kind>,
}

impl Kinds {
    pub(crate) fn name_app(&mut self, app: String) {
        self.app = Some(app);
    }

    pub(crate) fn register<E: TagMapper>(&mut self) {
        self.kinds.push(Kind::of::<E>());
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.kinds.is_empty() {
            return Err(ConfigError::NoEntity);
        }
        if self.app.as_deref().is_some_and(|app| app.is_empty() || app.contains('/')) {
            return Err(ConfigError::AppName);
        }
        for (n, kind) in self.kinds.iter().enumerate() {
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

    /// The tag that identifies an owner of this kind.
    pub(crate) fn id_tag(&self, kind: &str) -> Option<&'static str> {
        self.named(kind).map(|kind| kind.id_tag)
    }

    /// The tags without which a connection would not be this owner's.
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

    /// The value of the tag `owner_kind` for this kind.
    pub(crate) fn label(&self, kind: &str) -> String {
        match &self.app {
            Some(app) => format!("{app}/{kind}"),
            None => kind.to_owned(),
        }
    }

    /// Whose connection has these tags.
    pub(crate) fn attribute(&self, tags: &Tags) -> Attribution {
        if let Some(label) = tags.get(OWNER_KIND) {
            let kind = self.kinds.iter().find(|kind| self.label(kind.name) == label);
            return kind.map_or(Attribution::Nobody(Unattributed::ForeignKind), |kind| kind.owner(tags));
        }
        let claiming = || self.kinds.iter().filter(|kind| tags.get(kind.id_tag).is_some());
        let rules = |kind: &&Kind| {
            claiming().all(|other| other.name == kind.name || kind.is_more_specific_than(other))
        };
        match (claiming().find(rules), claiming().next()) {
            (Some(kind), _) => kind.owner(tags),
            (None, Some(_)) => Attribution::Nobody(Unattributed::SeveralKinds),
            (None, None) => Attribution::Nobody(Unattributed::NoIdentity),
        }
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
        Tags::received(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn app(name: Option<&str>) -> Kinds {
        let mut kinds = Kinds::default();
        if let Some(name) = name {
            kinds.name_app(name.to_owned());
        }
        kinds.register::<User>();
        kinds.register::<Organization>();
        kinds.register::<Project>();
        assert!(kinds.check().is_ok());
        kinds
    }

    fn nobody(kinds: &Kinds, pairs: &[(&str, &str)]) -> Option<Unattributed> {
        match kinds.attribute(&tags(pairs)) {
            Attribution::Nobody(why) => Some(why),
            Attribution::Owner(_) => None,
        }
    }

    #[test]
    fn owner_kind_decides() {
        let kinds = app(None);
        let both = [("end_user_id", "1"), ("organization_id", "2"), ("owner_kind", "organization")];
        assert_eq!(kinds.attribute(&tags(&both)), Attribution::Owner(Owner::new("organization", 2)));
        assert_eq!(
            nobody(&kinds, &[("owner_kind", "team"), ("end_user_id", "1")]),
            Some(Unattributed::ForeignKind)
        );
    }

    #[test]
    fn apps_in_one_environment_do_not_see_each_other() {
        let kinds = app(Some("acme-prod"));
        assert_eq!(
            nobody(&kinds, &[("owner_kind", "user"), ("end_user_id", "1")]),
            Some(Unattributed::ForeignKind)
        );
        assert_eq!(nobody(&kinds, &[("owner_kind", "acme-prod/user"), ("end_user_id", "1")]), None);
    }

    #[test]
    fn without_owner_kind_the_most_specific_kind_that_is_there() {
        let kinds = app(None);
        let both = [("end_user_id", "1"), ("organization_id", "2")];
        assert_eq!(kinds.attribute(&tags(&both)), Attribution::Owner(Owner::new("user", 1)));
        assert_eq!(kinds.attribute(&tags(&both[1..])), Attribution::Owner(Owner::new("organization", 2)));
        assert_eq!(
            nobody(&kinds, &[("project_id", "1"), ("organization_id", "2")]),
            Some(Unattributed::SeveralKinds)
        );
        assert_eq!(nobody(&kinds, &[("plan", "pro")]), Some(Unattributed::NoIdentity));
    }

    #[test]
    fn an_id_that_does_not_read_back_is_not_passed_on_to_the_next_kind() {
        let kinds = app(None);
        for id in ["alice", "01", ""] {
            let pairs = [("end_user_id", id), ("organization_id", "2")];
            assert_eq!(nobody(&kinds, &pairs), Some(Unattributed::UnreadableId), "{id}");
        }
    }

    #[test]
    fn a_scope_is_part_of_the_owner() {
        let mut kinds = Kinds::default();
        kinds.register::<Member>();
        let owner = |org| match kinds.attribute(&tags(&[("end_user_id", "1"), ("organization_id", org)])) {
            Attribution::Owner(owner) => owner,
            Attribution::Nobody(why) => panic!("{why}"),
        };
        assert_ne!(owner("1"), owner("2"));
        assert_eq!(owner("1").scope(), Some("1"));
    }

    #[test]
    fn a_general_kind_does_not_come_first() {
        let mut kinds = Kinds::default();
        kinds.register::<Organization>();
        kinds.register::<User>();
        assert!(matches!(kinds.check(), Err(ConfigError::KindOrder { first: "user", then: "organization" })));
        let mut twice = Kinds::default();
        twice.register::<User>();
        twice.register::<User>();
        assert!(matches!(twice.check(), Err(ConfigError::DuplicateKind { kind: "user" })));
    }
}
