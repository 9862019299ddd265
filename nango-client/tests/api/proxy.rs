use nango_client::{ConnectionKey, ErrorKind};

use crate::server::Server;

fn slack() -> ConnectionKey {
    ConnectionKey::new("slack", "c")
}

#[tokio::test]
async fn a_request_reaches_the_provider_with_its_parameters_headers_and_body() {
    let server = Server::json(404, r#"{"error":"not_in_channel"}"#).await;
    let request = server.client.proxy(&slack()).post("/chat.postMessage").query("a b", 1).query("c", "&");
    let reply = request.header("x-id", "7").retries(2).json(&["hi"]).send().await.unwrap();
    assert_eq!(reply.status(), 404, "a provider's error is a reply");
    assert_eq!(reply.json::<serde_json::Value>().unwrap()["error"], "not_in_channel");
    assert_eq!(server.lines(), ["POST /proxy/chat.postMessage?a+b=1&c=%26"]);
    let [request] = &server.requests()[..] else { panic!() };
    for header in [
        "connection-id: c",
        "provider-config-key: slack",
        "nango-proxy-x-id: 7",
        "retries: 2",
        "content-type: application/json",
        "authorization: Bearer key",
    ] {
        assert!(request.head.lines().any(|line| line == header), "{header}: {}", request.head);
    }
    assert_eq!(request.body, r#"["hi"]"#);
}

#[tokio::test]
async fn nangos_own_refusal_is_an_error() {
    let server = Server::json(424, r#"{"error":{"code":"connection_refresh_backoff"}}"#).await;
    let error = server.client.proxy(&slack()).get("/me").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    assert_eq!(error.code(), Some("connection_refresh_backoff"));
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_is_not_sent() {
    let server = Server::start([]).await;
    let proxy = server.client.proxy(&slack());
    for request in [
        proxy.get("/../connections"),
        proxy.get("/me").header("a b", "c"),
        proxy.get("/me").header("a", "b\n"),
        proxy.get("/me").body("a\n", "b").query("a", "b"),
        server.client.proxy(&ConnectionKey::new("slack", "a\nb")).get("/me"),
    ] {
        assert_eq!(request.send().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}
