//! A page of another origin passes the origin rule with no spelling of its headers.

#![no_main]

use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use nango_core::routes::check_origin;
use nango_core::{MemoryStore, Nango, Owner, SigningKeys, TagError, TagMapper, Tags};
use url::Url;

const HOST: &str = "app.example:8443";
const TRUSTED: &str = "https://trusted.example";

/// A handle needs an entity.
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
        Ok(Tags::new())
    }
}

thread_local! {
    static NANGO: Nango = Nango::builder("key", SigningKeys::new(["fuzz"]).expect("a key"), MemoryStore::new())
        .host("http://127.0.0.1:1")
        .trusted_origins([TRUSTED])
        .entity::<User>()
        .allowed_integrations(["openai"])
        .build()
        .expect("a handle");
}

fuzz_target!(|headers: (Option<Vec<u8>>, Option<Vec<u8>>)| {
    let (origin, site) = headers;
    let value =
        |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| HeaderValue::from_bytes(bytes).ok());
    let (origin, site) = (value(&origin), value(&site));
    let mut head = Request::post("/nango/session-token")
        .header("host", HOST)
        .body(())
        .expect("a request")
        .into_parts()
        .0;
    if let Some(origin) = &origin {
        head.headers.insert("origin", origin.clone());
    }
    if let Some(site) = &site {
        head.headers.insert("sec-fetch-site", site.clone());
    }
    let allowed = NANGO.with(|nango| check_origin(nango, &head)).is_ok();
    let is_same_site = site.as_ref().is_some_and(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    if let Some(origin) = origin
        && allowed
        && !is_same_site
    {
        let url = Url::parse(origin.to_str().expect("what passes is text")).expect("what passes is a URL");
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        assert!(host == "trusted.example:443" || (site.is_none() && host == HOST), "{url} passed");
    }
});
