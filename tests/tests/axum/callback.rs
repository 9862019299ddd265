//! The provider's answer goes on to Nango as it came.

use nango_tests::App;

#[tokio::test]
async fn the_query_is_kept_to_the_byte() {
    let app = App::start().await;
    let target = format!("{}/oauth/callback", app.emulator.local_url());
    for query in ["?code=a%20b&state=x&state=y&z", "?code=a+b&x=%2F%zz&=&&", "?", ""] {
        let reply = app.stranger().get(&format!("/nango/oauth-callback{query}")).await;
        assert_eq!((reply.status, reply.body.as_str()), (308, ""));
        assert_eq!(reply.header("location"), format!("{target}{query}"));
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let long = "x".repeat(16 * 1024 + 1);
    let reply = app.stranger().get(&format!("/nango/oauth-callback?{long}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "query_too_long"));
}
