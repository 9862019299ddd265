//! The options of the HTTP client, each at a server that sees its effect.

use std::time::{Duration, Instant};

use nango_client::{Cause, Client, ConfigError, ConnectionKey, HttpOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Server, read};

/// Builds a client with options, and returns what is wrong with them.
fn refused(options: HttpOptions) -> ConfigError {
    Client::builder("https://nango.example", "key").http(options).build().unwrap_err()
}

async fn with(options: HttpOptions) -> (Server, Client) {
    let server = Server::json(200, r#"{"data":[]}"#).await;
    let client = Client::builder(&server.host, "key").http(options).build().unwrap();
    (server, client)
}

#[tokio::test]
async fn headers_and_the_name_of_the_app_are_sent_beside_those_of_the_crate() {
    let version = env!("CARGO_PKG_VERSION");
    for (options, user_agent) in [
        (HttpOptions::new(), format!("nango-client/{version}")),
        (
            HttpOptions::new().user_agent("billing/2.1 (staging)"),
            format!("nango-client/{version} billing/2.1 (staging)"),
        ),
    ] {
        let options = options.header("X-Gateway-Key", "c0ffee").header("x-many", "1").header("x-many", "2");
        let (server, client) = with(options).await;
        client.integrations().await.unwrap();
        let mut lines: Vec<_> = server.requests()[0].head.lines().skip(1).map(str::to_owned).collect();
        lines.sort_unstable();
        let host = server.host.strip_prefix("http://").unwrap();
        let expected = [
            "accept: */*".to_owned(),
            "authorization: Bearer key".to_owned(),
            format!("host: {host}"),
            format!("user-agent: {user_agent}"),
            "x-gateway-key: c0ffee".to_owned(),
            "x-many: 1".to_owned(),
            "x-many: 2".to_owned(),
        ];
        assert_eq!(lines, expected);
    }
}

#[test]
fn headers_that_the_crate_sets_are_refused() {
    for name in [
        "Authorization", "user-agent", "HOST", "content-length", "transfer-encoding", "connection-id",
        "accept-encoding",
    ] {
        let error = refused(HttpOptions::new().header(name, "c0ffee"));
        assert_eq!(
            error.to_string(),
            format!(
                "the header {} of the HTTP options is set by nango-client or by the HTTP client; leave it out",
                name.to_lowercase()
            )
        );
    }
    let error = refused(HttpOptions::new().header("nango-proxy-x", "c0ffee"));
    assert_eq!(error, ConfigError::ReservedHeader { name: "nango-proxy-x".to_owned() });
    for (name, value) in [("a b", "c"), ("", "c"), ("a", "c0ffee\n")] {
        assert_eq!(
            refused(HttpOptions::new().header(name, value)).to_string(),
            "a header of the HTTP options has a name or a text that no header can have; write it like \
             `.header(\"x-gateway-key\", key)`"
        );
    }
    for name in ["", " billing", "billing\n", "bílling"] {
        assert_eq!(
            refused(HttpOptions::new().user_agent(name)).to_string(),
            "the app's name for `User-Agent` is empty or has other characters than those of ASCII; write it like billing/2.1"
        );
    }
}

#[test]
fn time_outs_fit_into_each_other() {
    let seconds = Duration::from_secs;
    for span in [Duration::ZERO, seconds(61), Duration::MAX] {
        let error = refused(HttpOptions::new().timeout(span));
        assert_eq!(
            error.to_string(),
            "the option `timeout` must be above zero, and at most 60 s",
            "{span:?}"
        );
    }
    for (options, what) in [
        (HttpOptions::new().connect_timeout(Duration::ZERO), "connect_timeout"),
        (HttpOptions::new().connect_timeout(seconds(21)), "connect_timeout"),
        (HttpOptions::new().timeout(seconds(2)).read_timeout(seconds(3)), "read_timeout"),
    ] {
        assert_eq!(
            refused(options).to_string(),
            format!(
                "the option `{what}` must be above zero, and not longer than `timeout` (20 s by default)"
            )
        );
    }
    let fitting = HttpOptions::new().timeout(seconds(2)).connect_timeout(seconds(2)).read_timeout(seconds(1));
    assert!(Client::builder("http://localhost", "key").http(fitting).build().is_ok());
    let short = HttpOptions::new().timeout(seconds(1));
    assert!(
        Client::builder("http://localhost", "key").http(short).build().is_ok(),
        "below the default to connect"
    );
}

/// A server that sends these bytes as soon as it has read a request, and nothing more.
async fn stalling(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                read(&mut stream).await;
                stream.write_all(bytes).await.unwrap();
                let _ = stream.read(&mut [0]).await;
            });
        }
    });
    host
}

#[tokio::test]
async fn each_time_out_ends_a_call() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{";
    let short = Duration::from_millis(100);
    for options in [HttpOptions::new().timeout(short), HttpOptions::new().read_timeout(short)] {
        for bytes in [b"", HEAD] {
            let host = stalling(bytes).await;
            let client = Client::builder(&host, "key").http(options.clone()).build().unwrap();
            let began = Instant::now();
            let error = client.integrations().await.unwrap_err();
            assert_eq!(error.cause(), Some(&Cause::TimedOut), "{options:?} {bytes:?}");
            assert!(began.elapsed() >= short && began.elapsed() < Duration::from_secs(10), "{options:?}");
            let proxied = client.proxy(&ConnectionKey::new("slack", "c")).get("/x").send().await;
            assert_eq!(proxied.unwrap_err().cause(), Some(&Cause::TimedOut), "{options:?} {bytes:?}");
        }
    }
    let host = stalling(HEAD).await;
    let client = Client::builder(&host, "key").http(HttpOptions::new().timeout(short)).build().unwrap();
    let slow = client.proxy(&ConnectionKey::new("slack", "c")).get("/x").timeout(short * 3);
    let began = Instant::now();
    assert_eq!(slow.send().await.unwrap_err().cause(), Some(&Cause::TimedOut));
    assert!(began.elapsed() >= short * 3, "a proxied call has a time-out of its own");
}

#[tokio::test]
async fn a_proxy_gets_every_request_but_those_of_its_exceptions() {
    let empty = || (200, "", r#"{"data":[]}"#.to_owned());
    let proxy = Server::start([empty(), empty()]).await;
    let address = proxy.host.replace("http://", "http://app:s%40cret@");
    let options = HttpOptions::new().proxy(&address).no_proxy(["nango.internal", "127.0.0.0/8"]);
    let client = Client::builder("http://nango.example", "key").http(options.clone()).build().unwrap();
    client.integrations().await.unwrap();
    let request = &proxy.requests()[0].head;
    assert!(request.starts_with("GET http://nango.example/integrations HTTP/1.1\r\n"), "{request}");
    // `app:s@cret`
    assert!(request.contains("proxy-authorization: Basic YXBwOnNAY3JldA==\r\n"), "{request}");

    let server = Server::json(200, r#"{"data":[]}"#).await;
    let client = Client::builder(&server.host, "key").http(options).build().unwrap();
    client.integrations().await.unwrap();
    assert!(server.requests()[0].head.starts_with("GET /integrations HTTP/1.1\r\n"));
    assert!(!server.requests()[0].head.contains("proxy-authorization"));

    let near = Client::builder("http://localhost:9", "key").http(HttpOptions::new().proxy(&proxy.host));
    near.build().unwrap().integrations().await.unwrap();
    assert_eq!(
        proxy.lines(),
        ["GET http://nango.example/integrations", "GET http://localhost:9/integrations"],
        "a proxy that is named holds for this machine's Nango, too"
    );
}

#[tokio::test]
async fn failures_of_a_proxy_name_it() {
    let text = async |host: &str, proxy: &str| {
        let options = HttpOptions::new().proxy(proxy);
        let client = Client::builder(host, "key").http(options).build().unwrap();
        client.integrations().await.unwrap_err().to_string()
    };
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(
        text("http://nango.example", &format!("http://app:c0ffee@{free}")).await,
        "could not list integrations at nango.example through the proxy: connection refused; check the proxy \
         (`HttpOptions::proxy`); if it works, check the Nango host (NANGO_HOST), and whether Nango runs there"
    );
    let remedy = "check the proxy of this machine (HTTPS_PROXY and the like, or `HttpOptions::proxy`), and the user name and \
                  password for it";
    for status in [407, 403] {
        let proxy = Server::start([(status, "", String::new())]).await;
        assert_eq!(
            text("https://nango.example", &proxy.host).await,
            format!(
                "could not list integrations at nango.example through the proxy: the HTTP proxy does not let the request \
                 through; {remedy}"
            )
        );
        assert_eq!(proxy.lines(), ["CONNECT nango.example:443"]);
    }
    let proxy = Server::start([(407, "", String::new())]).await;
    assert_eq!(
        text("http://nango.example", &proxy.host).await,
        format!(
            "could not list integrations at nango.example through the proxy: the response (status 407) is not one of \
             Nango's API; {remedy}"
        )
    );
}

#[test]
fn a_proxy_that_cannot_be_one_is_refused() {
    for proxy in [
        "", "proxy.internal", "socks5://proxy", "ftp://proxy", "http://proxy/path", "http://proxy?a",
        "http://",
    ] {
        assert_eq!(
            refused(HttpOptions::new().proxy(proxy)).to_string(),
            "the proxy of the HTTP options must be an http or https address without path and query, such as \
             http://proxy.internal:3128, and `.no_proxy(..)` needs one",
            "{proxy}"
        );
    }
    assert_eq!(refused(HttpOptions::new().no_proxy(["a"])), ConfigError::InvalidProxy);
}

#[test]
fn a_certificate_that_is_none_is_refused() {
    for pem in [
        "",
        "c0ffee",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(
            refused(HttpOptions::new().root_certificates(pem)).to_string(),
            "a root certificate cannot be read; write PEM, which begins with -----BEGIN CERTIFICATE-----, in \
             `.root_certificates(..)`",
            "{pem}"
        );
    }
}
