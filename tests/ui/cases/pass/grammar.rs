//! Every attribute, on every shape of struct.

use std::borrow::Cow;
use std::sync::Arc;

use nango_core::{TagError, TagMapper, Tags};

#[derive(TagMapper)]
#[nango(kind = "member", rename_all = "kebab-case")]
struct User<'a> {
    #[nango(id)]
    id: u64,
    #[nango(tag = "end_user_email")]
    email: &'a str,
    #[nango(tag = "organization_id", scope)]
    organization: Option<u32>,
    #[nango(tag)]
    billing_plan: Cow<'a, str>,
    #[nango(tag, with = "country")]
    country: [u8; 2],
    #[nango(tag, allow_sensitive)]
    token_budget: u32,
    #[nango(tag)]
    r#type: Option<Arc<str>>,
    #[allow(dead_code)]
    password_hash: String,
}

mod country {
    pub(crate) fn to_tag(code: &[u8; 2]) -> String {
        code.iter().copied().map(char::from).collect()
    }
}

#[derive(TagMapper)]
struct ApiUser(#[nango(id = "api_user_id")] Arc<str>, #[allow(dead_code)] u8, #[nango(tag = "plan")] String);

#[derive(TagMapper)]
struct Team(#[nango(id = "team_id")] u32);

#[derive(TagMapper)]
struct Scoped {
    #[nango(id)]
    id: String,
    #[nango(tag, scope)]
    organization_id: u32,
}

#[derive(TagMapper)]
struct r#type {
    #[nango(id)]
    r#fn: u32,
}

fn pairs(tags: &Tags) -> Vec<(&str, &str)> {
    tags.iter().collect()
}

fn main() -> Result<(), TagError> {
    let mut user = User {
        id: 7,
        email: "alice@example.com",
        organization: Some(3),
        billing_plan: "pro".into(),
        country: *b"de",
        token_budget: 5,
        r#type: None,
        password_hash: "hash".to_owned(),
    };
    let tags = user.to_tags()?;
    assert_eq!(
        pairs(&tags),
        [
            ("billing-plan", "pro"),
            ("country", "de"),
            ("end_user_email", "alice@example.com"),
            ("end_user_id", "7"),
            ("organization_id", "3"),
            ("token-budget", "5"),
        ]
    );
    assert_eq!(
        User::TAGS,
        [
            "end_user_id",
            "end_user_email",
            "organization_id",
            "billing-plan",
            "country",
            "token-budget",
            "type",
        ]
    );
    assert_eq!((User::KIND, User::ID_TAG, User::SCOPE_TAG), ("member", "end_user_id", Some("organization_id")));
    assert_eq!(User::id_from_tags(&tags)?, Some(7));
    let owner = user.owner();
    assert_eq!((owner.kind(), owner.id(), owner.scope()), ("member", "7", Some("3")));
    assert_eq!(owner.id_as::<User<'_>>(), Some(7));
    assert_eq!(owner.id_as::<Team>(), None);

    user.organization = None;
    user.r#type = Some("admin".into());
    let tags = user.to_tags()?;
    assert_eq!((tags.get("organization_id"), tags.get("type")), (None, Some("admin")));
    assert_eq!(user.owner().scope(), None);

    let api = ApiUser("x".into(), 0, "free".into());
    assert_eq!(ApiUser::KIND, "api_user");
    assert_eq!(pairs(&api.to_tags()?), [("api_user_id", "x"), ("plan", "free")]);
    assert_eq!(api.owner().id_as::<ApiUser>(), Some("x".to_owned()));
    assert_eq!(pairs(&Team(1).to_tags()?), [("team_id", "1")]);

    let scoped = Scoped { id: "a".into(), organization_id: 4 };
    assert_eq!(scoped.owner().scope(), Some("4"));
    assert_eq!(Scoped::SCOPE_TAG, Some("organization_id"));

    assert_eq!(r#type::KIND, "type");
    assert_eq!(pairs(&r#type { r#fn: 1 }.to_tags()?), [("end_user_id", "1")]);

    user.billing_plan = "".into();
    assert_eq!(user.to_tags()?.left_out(), [TagError::EmptyValue { key: "billing-plan".into() }]);
    let nameless = Scoped { id: "".into(), organization_id: 4 };
    assert_eq!(nameless.to_tags(), Err(TagError::EmptyValue { key: Scoped::ID_TAG.into() }));
    Ok(())
}
