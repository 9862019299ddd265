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

#[tokio::test]
async fn the_path_that_was_checked_is_the_one_that_is_sent() {
    let paths = [
        "/projects/group%2Fproject",
        "/a%5cb/%252e%252e/x",
        "/..%252f/...",
        "//a//b/",
        "/%c0%ae%c0%ae/%",
        "/a;b=c/d:e@f",
    ];
    let server = Server::start(paths.map(|_| (200, "", String::new()))).await;
    for path in paths {
        let _ = server.client.proxy(&slack()).get(path).query("a", "../b").send().await.unwrap();
    }
    let sent = paths.map(|path| format!("GET /proxy/{}?a=..%2Fb", path.trim_start_matches('/')));
    assert_eq!(server.lines(), sent);
}

#[tokio::test]
async fn a_path_that_leads_up_is_not_sent() {
    let server = Server::start([]).await;
    for path in ["/..%2fconnections", "/a%5c..", "/%2e%2e/connections", "/.%2e", "/a/%2E", "/x%2F..%2F..%2Fy"]
    {
        let error = server.client.proxy(&slack()).delete(path).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
}
