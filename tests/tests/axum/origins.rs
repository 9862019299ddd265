//! Pages of other origins that the app trusts.

use nango_core::NangoBuilder;
use nango_tests::App;
use reqwest::Method;

/// Sends a request for a session token, and returns its status and code.
async fn ask(app: &App, headers: &[(&str, &str)]) -> (u16, String) {
    let alice = app.browser("alice");
    let mut request = alice.request(Method::POST, "/nango/session-token");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let reply = alice.send(request).await;
    (reply.status, reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn passed() -> (u16, String) {
    (200, String::new())
}

fn refused() -> (u16, String) {
    (403, "cross_origin".to_owned())
}

#[tokio::test]
async fn pages_of_apps_of_extensions_and_of_previews_are_trusted_where_the_app_lists_them() {
    let extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";
    let listed = ["capacitor://localhost", "tauri://localhost", extension, "https://*.preview.example.com"];
    let configure = |builder: NangoBuilder| {
        builder.trusted_origins(listed).trusted_origins_with(|origin| origin == "https://customer.example")
    };
    let app = App::configured(configure).await;
    let trusted = [
        "capacitor://localhost",
        "tauri://localhost",
        extension,
        "https://pr-7.preview.example.com",
        "https://customer.example",
    ];
    for origin in trusted {
        for site in [None, Some(("sec-fetch-site", "cross-site"))] {
            let headers: Vec<_> = [("origin", origin)].into_iter().chain(site).collect();
            assert_eq!(ask(&app, &headers).await, passed(), "{headers:?}");
        }
    }
    for origin in [
        "capacitor://evil",
        "ionic://localhost",
        "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
        "https://a.b.preview.example.com",
        "https://preview.example.com",
        "https://other.example",
        "null",
    ] {
        let site = ("sec-fetch-site", "cross-site");
        assert_eq!(ask(&app, &[("origin", origin), site]).await, refused(), "{origin}");
        assert_eq!(ask(&app, &[("origin", origin)]).await, refused(), "{origin}");
    }
}

#[tokio::test]
async fn a_bearer_token_without_a_cookie_is_admitted_only_where_the_app_declares_it() {
    let foreign = [("origin", "https://app.example"), ("sec-fetch-site", "cross-site")];
    let bearer = ("authorization", "Bearer t");
    let with = |more: &[(&'static str, &'static str)]| [&foreign[..], more].concat();
    let declared = App::configured(NangoBuilder::owner_routes_use_bearer_only).await;
    assert_eq!(ask(&declared, &with(&[bearer])).await, passed());
    assert_eq!(ask(&declared, &with(&[bearer, ("cookie", "proxy=1")])).await, refused());
    assert_eq!(ask(&declared, &with(&[])).await, refused());
    let other = App::start().await;
    assert_eq!(ask(&other, &with(&[bearer])).await, refused());
}
