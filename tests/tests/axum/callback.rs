//! The provider's redirect is forwarded to Nango unchanged.

use nango_tests::App;

#[tokio::test]
async fn a_callback_keeps_its_query_byte_for_byte() {
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
