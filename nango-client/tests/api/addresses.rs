//! The addresses of one Nango: the one that this machine calls, and those that browsers open.

use nango_client::{Client, ClientBuilder, ConfigError, SessionDefaults, Tags};

use crate::server::Server;

const TOKEN: &str = "nango_connect_session_t";

/// Creates a session with a server that sends this link, and returns the link of the session.
async fn link(
    theirs: Option<&str>,
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Option<String> {
    let link = theirs.map(|link| format!(r#","connect_link":"{link}""#)).unwrap_or_default();
    let body = format!(r#"{{"data":{{"token":"{TOKEN}","expires_at":"2026-11-23T09:02:01Z"{link}}}}}"#);
    let server = Server::json(201, &body).await;
    let client = configure(Client::builder(&server.host, "key")).build().unwrap();
    let session =
        client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await.unwrap();
    session
        .connect_link
        .map(|link| link.expose().replace(&server.host.replace(':', "%3A").replace('/', "%2F"), "HOST"))
}

#[test]
fn browsers_are_sent_to_the_public_address() {
    let client = |host: &str, public: Option<&str>| {
        let builder = Client::builder(host, "key");
        match public {
            Some(public) => builder.public_host(public).build().unwrap(),
            None => builder.build().unwrap(),
        }
    };
    for (host, public, url, is_internal) in [
        ("http://nango-server:3003", None, "http://nango-server:3003", true),
        ("http://nango-server:3003", Some("https://nango.company.com/"), "https://nango.company.com", false),
        ("http://10.0.0.1/api", Some("https://company.com/nango"), "https://company.com/nango", false),
        ("https://api.nango.dev", None, "https://api.nango.dev", false),
        ("http://localhost:3003", None, "http://localhost:3003", false),
        ("https://nango.company.com", Some("http://nango-server"), "http://nango-server", true),
    ] {
        let client = client(host, public);
        assert_eq!(client.public_url(), url, "{host} {public:?}");
        assert_eq!(client.callback_url(), format!("{url}/oauth/callback"), "{host} {public:?}");
        assert_eq!(client.sends_browsers_to_internal_name(), is_internal, "{host} {public:?}");
    }
}

/// Nango's link does not name the server, and the Connect UI then calls Nango's cloud.
#[tokio::test]
async fn the_link_of_a_session_names_the_server_for_browsers() {
    let theirs = format!("http://localhost:3009/?session_token={TOKEN}");
    let public = |builder: ClientBuilder| builder.public_host("https://nango.company.com/");
    assert_eq!(link(Some(&theirs), |builder| builder).await, Some(format!("{theirs}&apiURL=HOST")));
    assert_eq!(
        link(Some(&theirs), public).await,
        Some(format!("{theirs}&apiURL=https%3A%2F%2Fnango.company.com"))
    );
    let named = format!("{theirs}&apiURL=https%3A%2F%2Fnango.company.com");
    assert_eq!(link(Some(&named), |builder| builder).await, Some(named.clone()), "of a later server");
    let cloud = |builder: ClientBuilder| builder.public_host("https://api.nango.dev");
    let theirs_cloud = format!("https://connect.nango.dev/?session_token={TOKEN}");
    assert_eq!(link(Some(&theirs_cloud), cloud).await, Some(theirs_cloud.clone()), "the default");
    for connect in ["https://connect.company.com", "https://company.com/connect/"] {
        let configured = |builder: ClientBuilder| public(builder).connect_url(connect);
        let connect = connect.trim_end_matches('/');
        let expected = format!("{connect}/?session_token={TOKEN}&apiURL=https%3A%2F%2Fnango.company.com");
        assert_eq!(link(Some(&theirs), configured).await, Some(expected.clone()));
        assert_eq!(link(None, configured).await, Some(expected));
    }
    assert_eq!(
        link(Some("HTTPS://Connect.Company.com"), public).await.as_deref(),
        Some("https://connect.company.com/?apiURL=https%3A%2F%2Fnango.company.com")
    );
    assert_eq!(
        link(Some("http://"), public).await.as_deref(),
        Some("http://"),
        "nothing to name a server in"
    );
    for theirs in
        [None, Some("javascript:alert(1)"), Some("ftp://a"), Some("//a"), Some("/connect"), Some("")]
    {
        assert_eq!(link(theirs, public).await, None, "{theirs:?}");
    }
}

#[test]
fn an_address_that_cannot_be_opened_is_refused_by_its_name() {
    for address in [
        "",
        "nango.company.com",
        "ftp://nango.company.com",
        "https://a/?b",
        "https://a/#b",
        "https://user:c0ffee@a",
    ] {
        let build = |configure: fn(ClientBuilder, &str) -> ClientBuilder| {
            configure(Client::builder("http://localhost:3003", "key"), address).build().unwrap_err()
        };
        let public = build(|builder, address| builder.public_host(address));
        assert_eq!(public, ConfigError::InvalidPublicHost);
        assert_eq!(
            public.to_string(),
            "the public address of Nango (NANGO_PUBLIC_SERVER_URL) must be an http or https address without query, user name \
             and password, such as https://nango.company.com"
        );
        let connect = build(|builder, address| builder.connect_url(address));
        assert_eq!(connect, ConfigError::InvalidConnectUrl);
        assert_eq!(
            connect.to_string(),
            "the address of the Connect UI (NANGO_PUBLIC_CONNECT_URL) must be an http or https address without query, user \
             name and password, such as https://connect.company.com"
        );
    }
}
