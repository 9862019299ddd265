//! Tests of the routes, and what those in other files need.

use super::Route;
use crate::builder::NangoBuilder;
use crate::nango::Nango;
use crate::owner::{Owner, TagMapper};
use crate::store::MemoryStore;
use nango_client::{SigningKeys, TagError, Tags};

struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];
    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }
    fn to_tags(&self) -> Result<Tags, TagError> {
        let mut tags = Tags::new();
        tags.insert("end_user_id", "alice")?;
        Ok(tags)
    }
}

pub(super) fn nango() -> Nango {
    builder().build().unwrap()
}

pub(super) fn builder() -> NangoBuilder {
    Nango::builder("key", SigningKeys::new(["signing"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["slack"])
        .entity::<User>()
        .trusted_origins(["https://trusted.example"])
}

#[test]
fn a_route_matches_the_end_of_the_raw_path() {
    let check =
        |path| Route::ALL.iter().copied().filter(|route| route.matches_suffix(path)).collect::<Vec<_>>();
    assert_eq!(check("/webhook"), [Route::Webhook]);
    assert_eq!(check("/any/where/webhook"), [Route::Webhook]);
    assert_eq!(check("/connections/a%2Fb"), [Route::Disconnect]);
    assert_eq!(check("/nango/connections/.."), [Route::Disconnect]);
    assert_eq!(check("/nango/connections/h/check"), [Route::Check]);
    for path in [
        "",
        "/",
        "webhook",
        "/webhook/",
        "/%77ebhook",
        "/WEBHOOK",
        "/a-webhook",
        "/connections/",
        "/connections//check",
        "/connections%2Fa",
        "/connections/a%2Fcheck/b",
        "/conn%65ctions/h/check",
        "/connections/h/ch%65ck",
    ] {
        assert_eq!(check(path), [], "{path}");
    }
}
