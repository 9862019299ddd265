//! The whole text of each failure, in a situation that is made for real.

use std::time::Duration;

use nango_client::{Client, ConfigError, ConnectionKey, Error, SessionDefaults, Tags};
use tokio::net::TcpListener;

use crate::server::Server;

/// Asserts the text of an error, in which `HOST` stands for the address of the server.
pub(crate) fn assert_text(error: &Error, expected: &str) {
    let host = error.host().unwrap();
    assert_eq!(error.to_string().replace(host, "HOST"), expected);
    assert_eq!(format!("{error:?}"), error.to_string());
}

async fn integrations(host: &str) -> Error {
    Client::new(host, "key").unwrap().integrations().await.unwrap_err()
}

/// Returns the error of a list of integrations that gets this response.
async fn answered(status: u16, headers: &'static str, body: &str) -> Error {
    let server = Server::start([(status, headers, body.to_owned())]).await;
    server.client.integrations().await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_cannot_be_reached() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_text(
        &integrations(&format!("http://{free}")).await,
        "could not list integrations at HOST: connection refused; check the Nango host (NANGO_HOST), and whether \
         Nango runs there",
    );
    assert_text(
        &integrations("http://nango.invalid").await,
        "could not list integrations at HOST: the name cannot be resolved; check the Nango host (NANGO_HOST), and the \
         DNS of this machine",
    );
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", silent.local_addr().unwrap()), "key").unwrap();
    let slack = ConnectionKey::new("slack", "c");
    let call = client.proxy(&slack).get("/x").timeout(Duration::from_millis(50));
    assert_text(
        &call.send().await.unwrap_err(),
        "could not call the provider through the proxy at HOST: no answer in time; check the Nango host (NANGO_HOST), \
         and firewalls on the way to it; retry later",
    );
}

#[tokio::test]
async fn a_server_that_is_not_nango() {
    for (status, headers, problem) in [
        (200, "content-type: text/html\r\n", "check the Nango host (NANGO_HOST)"),
        (404, "", "check the Nango host (NANGO_HOST)"),
        (
            301,
            "location: https://nango.example/c0ffee\r\n",
            "redirects are not followed, since they would carry the key along: set the Nango host (NANGO_HOST) to its \
             final address",
        ),
        (503, "", "a gateway may be in between; retry later"),
    ] {
        assert_text(
            &answered(status, headers, "<html>c0ffee</html>").await,
            &format!(
                "could not list integrations at HOST: the response (status {status}) is not one of Nango's API; {problem}"
            ),
        );
    }
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", other.local_addr().unwrap());
    tokio::spawn(async move {
        // Twice: a request that was not sent, because the server spoke first, is sent once more.
        for _ in 0..2 {
            let (mut stream, _) = other.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        }
    });
    assert_text(
        &integrations(&host).await,
        "could not list integrations at HOST: the response is not HTTP, or breaks off; check the Nango host \
         (NANGO_HOST): a port that speaks TLS needs https://; retry later if it is right",
    );
}

/// The bodies are those of a real server.
#[tokio::test]
async fn a_key_that_is_not_accepted() {
    let refusal = |code: &str, message: &str| {
        format!(r#"{{"error":{{"message":"{message}","code":"{code}","payload":{{}}}}}}"#)
    };
    for (status, code, message, expected) in [
        (
            401,
            "invalid_secret_key_format",
            "Authentication failed.",
            "nango does not accept the API key (invalid_secret_key_format); check the API key (NANGO_SECRET_KEY): \
             Nango's keys are UUIDs, see Environment settings",
        ),
        (
            401,
            "unknown_account",
            "Authentication failed.",
            "nango does not accept the API key (unknown_account); check that the API key (NANGO_SECRET_KEY) is the one of \
             this server (NANGO_HOST), and not the webhook signing key",
        ),
        (
            403,
            "forbidden",
            "Insufficient scope. Required: environment:integrations:list",
            "the API key lacks the scope environment:integrations:list; add the scope to the key in Nango's dashboard, or use another key (NANGO_SECRET_KEY)",
        ),
    ] {
        let error = answered(status, "", &refusal(code, message)).await;
        assert_text(&error, &format!("could not list integrations at HOST: {expected}"));
    }
}

#[tokio::test]
async fn a_session_for_integrations_that_do_not_exist() {
    let field = |number: u8| {
        format!(
            r#"{{"code":"custom","message":"Integration does not exist","path":["allowed_integrations","{number}"]}}"#
        )
    };
    let body = format!(r#"{{"error":{{"code":"invalid_body","errors":[{},{}]}}}}"#, field(1), field(2));
    let server = Server::json(400, &body).await;
    let integrations = ["slack", "slak", "git hub"];
    let (tags, defaults) = (Tags::new(), SessionDefaults::new());
    let session = server.client.create_connect_session(&tags, &integrations, &defaults).await;
    assert_text(
        &session.unwrap_err(),
        "could not create a connect session at HOST: the request was refused (invalid_body): allowed_integrations.1: the \
         integration `slak` does not exist, allowed_integrations.2: the integration `git hub` does not exist; create the \
         integration in Nango, or correct its id",
    );
}

#[tokio::test]
async fn a_server_that_is_older_than_tags() {
    let body = r#"{"error":{"code":"invalid_body","errors":[{"code":"unrecognized_keys","message":"Unrecognized key: \"tags\"","path":[]}]}}"#;
    let server = Server::json(400, body).await;
    let (tags, defaults) = (Tags::new(), SessionDefaults::new());
    let session = server.client.create_connect_session(&tags, &["slack"], &defaults).await;
    assert_text(
        &session.unwrap_err(),
        "could not create a connect session at HOST: the request was refused (invalid_body): tags: unrecognized_keys; the \
         server may be older than the oldest that is supported, see the documentation of nango-client",
    );
}

#[tokio::test]
async fn a_rate_limit_says_when_to_retry() {
    let error = answered(429, "retry-after: 17\r\n", r#"{"error":{"code":"too_many_request"}}"#).await;
    assert_text(
        &error,
        "could not list integrations at HOST: nango's rate limit is used up (too_many_request); retry in 17 s",
    );
}

#[tokio::test]
async fn a_proxied_call_that_cannot_be_sent() {
    let client = Client::new("http://127.0.0.1:1", "key").unwrap();
    let proxy = client.proxy(&ConnectionKey::new("slack", "c"));
    for (request, expected) in [
        (proxy.get("/v1/models?limit=2"), "the path contains `?`; add parameters with `.query(name, value)`"),
        (proxy.get("/a#b"), "the path contains `#`, a backslash or a control character; percent-encode it"),
        (
            proxy.get("https://api.example/v1"),
            "the path is a whole address; write only the part below the provider's base address",
        ),
        (
            proxy.get("/%2e%2e/x"),
            "the path has a part `.` or `..`, which would lead out of the provider's API",
        ),
        (proxy.get("/x").header("a b", "c"), "a header has an invalid name"),
        (proxy.get("/x").header("a", "c0ffee\n"), "a header has characters that no header can have"),
    ] {
        let error = request.send().await.unwrap_err();
        assert_text(&error, &format!("could not call the provider through the proxy at HOST: {expected}"));
    }
}

#[test]
fn a_configuration_that_cannot_work() {
    let text = |error: ConfigError| error.to_string();
    let host = |host: &str| text(Client::new(host, "key").unwrap_err());
    let key = |key: &str| text(Client::new("http://localhost", key).unwrap_err());
    let settings = "Nango's Environment settings";
    assert_eq!(
        host("nango.example"),
        "the Nango host (NANGO_HOST) must be an http or https address without query, such as https://api.nango.dev"
    );
    assert_eq!(
        host("http://api.nango.dev"),
        "nango's cloud is only reached over TLS; write the Nango host (NANGO_HOST) with https://"
    );
    assert_eq!(key(" "), format!("the API key (NANGO_SECRET_KEY) is empty; copy it from {settings}"));
    assert_eq!(
        key("f00d\n"),
        "the API key (NANGO_SECRET_KEY) begins or ends with white space, perhaps the line end of a file that it was read \
         from; leave that out"
    );
    assert_eq!(
        key("f0\n0d"),
        format!(
            "the API key (NANGO_SECRET_KEY) has characters that a key cannot have; copy it again from {settings}"
        )
    );
    assert_eq!(
        text(nango_client::SigningKeys::new(["f00d\n"]).unwrap_err()),
        "the webhook signing key (NANGO_WEBHOOK_SIGNING_KEY) begins or ends with white space, perhaps the line end of a \
         file that it was read from; leave that out"
    );
}
