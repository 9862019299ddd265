//! No text of any public type contains a secret.

mod deliveries;
mod functions;
mod resources;

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as StdError;
use std::fmt;

use http::Method;
use nango_client::{
    ApiKey, Cause, Client, ConfigError, Connection, ConnectionError, ConnectionKey, ErrorKind, FromTag,
    HttpOptions, IntegrationDefaults, InvalidField, KeyProblem, Lookup, Refresh, ResponseBody,
    SessionDefaults, SigningKeys, Tag, TagError, TagKey, Tags, Timestamp, TimestampError, TlsFailure,
    TransportError,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::server::{Prepared, Server};

const ID: &str = "c0ffee-0f-alice";
const EMAIL: &str = "alice@acme.example";
const TOKEN: &str = "sk-live-t0ken";
const PASSWORD: &str = "hunter2-pa55word";
const SECRETS: [&str; 4] = [ID, EMAIL, TOKEN, PASSWORD];

/// The texts of all values that were shown, and the names of their types.
#[derive(Default)]
struct Shown {
    types: BTreeSet<String>,
    texts: Vec<String>,
}

impl Shown {
    fn debug<T: fmt::Debug>(&mut self, value: &T) {
        self.add::<T>(&format!("{value:?}"));
        self.add::<T>(&format!("{value:#?}"));
    }

    fn error<T: StdError + 'static>(&mut self, error: &T) {
        self.add::<T>(&format!("{error}"));
        self.debug(error);
        let mut source = error.source();
        while let Some(cause) = source {
            self.add::<T>(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }

    fn add<T>(&mut self, text: &str) {
        let name = type_name::<T>();
        let name = name.split('<').next().unwrap().rsplit("::").next().unwrap();
        self.types.insert(name.to_owned());
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in a text of {name}: {text}");
        }
        for part in [&ID[..8], "acme", "t0ken", "pa55word", "nango.example", "/connections", "/users"] {
            assert!(!text.contains(part), "{part} in a text of {name}: {text}");
        }
        self.texts.push(text.to_owned());
    }
}

fn key() -> ConnectionKey {
    ConnectionKey::new("slack", ID)
}

fn tags() -> Tags {
    let mut tags = Tags::new();
    tags.insert("end_user_id", ID).unwrap();
    tags.insert("end_user_email", EMAIL).unwrap();
    tags.insert("note", PASSWORD).unwrap();
    tags
}

/// Returns a connection as Nango describes it, with secrets in every place for texts of others.
fn described() -> Value {
    json!({
        "id": 7, "connection_id": ID, "provider_config_key": "slack", "provider": "slack",
        "errors": [{"type": format!("auth {PASSWORD}"), "log_id": TOKEN}],
        "end_user": {"id": ID, "email": EMAIL, "organization": {"id": "acme"}},
        "tags": tags().as_map(), "metadata": {EMAIL: TOKEN}, "connection_config": {"password": PASSWORD},
        "created": "2026-11-23T09:02:01Z", "credentials": {"type": "API_KEY", "apiKey": TOKEN},
    })
}

fn refusal(code: &str) -> String {
    json!({"error": {"code": code, "message": TOKEN, "payload": {"connection": described()}}}).to_string()
}

/// Returns a refusal whose fields have secrets in every place.
fn invalid_fields() -> String {
    let secret = |text: &str| format!("x {text}");
    let fields: Vec<_> = SECRETS
        .iter()
        .map(|text| json!({"code": secret(text), "message": format!("Unrecognized key: \"{}\"", secret(text)), "path": [secret(text)]}))
        .collect();
    json!({"error": {"code": "invalid_body", "message": TOKEN, "errors": fields}}).to_string()
}

fn ok(body: &Value) -> Prepared {
    (200, "", body.to_string())
}

#[tokio::test]
async fn no_text_of_any_public_type_contains_a_secret() {
    let mut shown = Shown::default();
    show_configuration(&mut shown);
    show_tags(&mut shown);
    deliveries::show(&mut shown);
    show_requests(&mut shown).await;
    show_replies(&mut shown).await;
    show_failures(&mut shown).await;
    functions::show(&mut shown).await;
    resources::show(&mut shown).await;

    let public = include_str!("../../../src/lib.rs").split("pub use ").skip(1);
    let public =
        public.flat_map(|part| part.split(';').next().unwrap().split(['{', '}', ',', ':', ' ', '\n']));
    let is_type = |name: &str| name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase);
    let missing: Vec<_> = public
        .filter(|name| is_type(name) && !shown.types.contains(*name) && !TRAITS.contains(name))
        .collect();
    assert!(missing.is_empty(), "not shown here: {missing:?}");
    assert!(shown.texts.iter().any(|text| text.contains("slack")), "the texts are those of the values");
}

/// Public names that have no values.
const TRAITS: [&str; 4] = ["FromTag", "TagFields", "TagValue", "Transport"];

fn show_configuration(shown: &mut Shown) {
    shown.debug(&ApiKey::new(TOKEN).unwrap());
    shown.debug(&SigningKeys::new([TOKEN, PASSWORD]).unwrap());
    for host in [
        format!("https://user:{PASSWORD}@nango.example"),
        format!("https://:{PASSWORD}@nango.example"),
        format!("https://{PASSWORD}@nango.example"),
        format!("https://nango.example/?key={TOKEN}"),
        format!("ftp://{PASSWORD}"),
        format!("http://{TOKEN}.nango.dev"),
        PASSWORD.to_owned(),
    ] {
        shown.error(&Client::new(&host, TOKEN).unwrap_err());
    }
    show_options(shown);
    let unusable: [ConfigError; 2] = [
        ApiKey::new(format!("{TOKEN}\n")).unwrap_err(),
        format!("{TOKEN},,").parse::<SigningKeys>().unwrap_err(),
    ];
    for error in unusable {
        if let ConfigError::UnusableKey { problem, .. } = &error {
            shown.error::<KeyProblem>(problem);
        }
        shown.error(&error);
    }
    shown.error(&TlsFailure::Untrusted);
    let defaults = IntegrationDefaults::new()
        .user_scopes(TOKEN)
        .authorization_param("login_hint", EMAIL)
        .connection_config("password", PASSWORD);
    shown.debug(&defaults);
    let url = format!("https://{PASSWORD}.example/{TOKEN}");
    shown.debug(&SessionDefaults::new().integration("slack", defaults).webhook_url(url));
    shown.debug(&Timestamp::now());
    shown.error::<TimestampError>(&PASSWORD.parse::<Timestamp>().unwrap_err());
}

fn show_options(shown: &mut Shown) {
    let options = || HttpOptions::new();
    let address = format!("http://user:{PASSWORD}@{TOKEN}.example:3128");
    let set = options()
        .proxy(&address)
        .no_proxy([TOKEN])
        .header("x-gateway-key", PASSWORD)
        .root_certificates(PASSWORD);
    shown.debug(&set);
    let builder = || Client::builder("https://nango.example", TOKEN);
    shown.debug(&builder().public_host(PASSWORD).connect_url(TOKEN).http(set.clone()));
    for wrong in [
        set,
        options().proxy(format!("socks5://user:{PASSWORD}@proxy.example")),
        options().proxy(format!("http://proxy.example/{TOKEN}")),
        options().proxy(PASSWORD),
        options().no_proxy([TOKEN]),
        options().header("x-gateway-key", format!("{PASSWORD}\n")),
        options().header(format!("{PASSWORD} "), TOKEN),
        options().header("authorization", TOKEN),
        options().user_agent(format!("{EMAIL}\n")),
    ] {
        shown.error(&builder().http(wrong).build().unwrap_err());
    }
    for address in
        [format!("https://user:{PASSWORD}@nango.example"), format!("https://a/?{TOKEN}"), TOKEN.to_owned()]
    {
        shown.error(&builder().public_host(&address).build().unwrap_err());
        shown.error(&builder().connect_url(&address).build().unwrap_err());
    }
    shown.debug(&ResponseBody::from(TOKEN.as_bytes().to_vec()));
    for source in [PASSWORD.to_owned(), format!("tunnel error: {TOKEN}")] {
        shown.error(&TransportError::new(source.clone()));
        shown.error(&TransportError::unsent(source));
    }
}

fn show_tags(shown: &mut Shown) {
    let mut tags = tags();
    shown.debug(&tags);
    shown.debug(&TagKey::new("end_user_id").unwrap());
    let tag: Tag<'_, String> = nango_client::__private::tag(&tags, "end_user_email");
    assert_eq!(tag.parse(), Ok(String::from_tag(EMAIL)));
    shown.debug(&tag);
    let long = PASSWORD.repeat(100);
    for (key, value) in [
        (EMAIL, ID),
        (PASSWORD, &long),
        ("end_user_email", PASSWORD),
        ("end_user_id", EMAIL),
        ("x", &format!("{PASSWORD}\0")),
        ("x", ""),
        ("UPPER", TOKEN),
    ] {
        if let Err(error) = tags.insert(key, value) {
            // A key of which Nango stores every character is the app's, and named.
            if key != PASSWORD {
                shown.error(&error);
                shown.error(&nango_client::Error::from(error));
            }
        }
    }
    shown.error::<TagError>(&tags.parse::<u8>("end_user_email").unwrap_err());
    for n in 0..10 {
        if let Err(error) = tags.insert(&format!("k{n}"), PASSWORD) {
            shown.error(&error);
        }
    }
}

async fn show_requests(shown: &mut Shown) {
    let client = Client::new("http://127.0.0.1:1", TOKEN).unwrap();
    shown.debug(&client);
    shown.debug(&client.background().without_metadata());
    let list = client.connections().key(&key()).tag("end_user_email", EMAIL).integration("slack");
    shown.debug(&list);
    shown.debug(&list.pages());
    shown.debug(&key());
    let mut connection = Connection::new(key(), 1, "slack", Timestamp::now());
    connection.tags = tags();
    connection.errors.push(ConnectionError::new(EMAIL, TOKEN));
    connection.metadata.insert(EMAIL.to_owned(), PASSWORD.into());
    shown.debug(&connection.errors[0]);
    shown.debug(&connection);
    for lookup in [Lookup::Working(connection.clone()), Lookup::Broken(connection), Lookup::Missing] {
        shown.debug(&lookup);
    }
    shown.debug(&Refresh::Force);
    let proxy = client.proxy(&key());
    shown.debug(&proxy);
    let request = proxy.post(&format!("/users/{EMAIL}")).query("token", TOKEN).header("x-password", PASSWORD);
    shown.debug(&request.clone().json(&json!({"password": PASSWORD})));
    shown.debug(&request.clone().body("text/plain", PASSWORD).header("a\n", PASSWORD));
    shown.error(&request.send().await.unwrap_err());
    let refused = proxy.request(Method::GET, &format!("/../{TOKEN}")).send().await;
    shown.error(&refused.unwrap_err());
}

async fn show_replies(shown: &mut Shown) {
    let server = Server::start([
        ok(&json!({"connections": [described(), {"connection_id": ID, "provider_config_key": "slack"}, EMAIL]})),
        ok(&described()),
        (424, "", refusal("invalid_credentials")),
        ok(&json!({"data": [{
            "unique_key": "slack", "provider": "slack", "display_name": "Slack",
            "logo": format!("https://user:{PASSWORD}@nango.example/{TOKEN}"),
        }]})),
        ok(&json!({"data": {
            "token": TOKEN, "expires_at": "2026-11-23T09:02:01Z",
            "connect_link": format!("https://connect.example/?session_token={TOKEN}"),
        }})),
        ok(&json!({"id": 7, "credentials": {"type": "API_KEY", "apiKey": TOKEN}})),
        (404, "x-password: hunter2-pa55word\r\n", json!({"token": TOKEN}).to_string()),
    ])
    .await;
    let client = &server.client;
    let page = client.connections().send().await.unwrap();
    assert_eq!((page.connections.len(), page.unreadable.len()), (1, 2));
    shown.debug(&page.unreadable[0]);
    shown.debug(&page);
    for _ in 0..2 {
        shown.debug(&client.look_up(&key(), Refresh::WhenDue).await.unwrap());
    }
    shown.debug(&client.integrations().await.unwrap()[0]);
    let session = client.create_connect_session(&tags(), &["slack"], &SessionDefaults::new()).await.unwrap();
    shown.debug(&session.token);
    shown.debug(session.connect_link.as_ref().unwrap());
    shown.debug(&session);
    shown.debug(&client.token(&key()).await.unwrap());
    let reply = client.proxy(&key()).get("/me").send().await.unwrap();
    shown.debug(&reply);
    shown.error(&reply.json::<BTreeMap<String, u8>>().unwrap_err());
    shown.error(&reply.error_for_status().unwrap_err());
}

async fn show_failures(shown: &mut Shown) {
    let mut kinds = BTreeSet::new();
    let failures = [
        (200, format!("{TOKEN} is not JSON")),
        (200, json!({"connection_id": ID, "provider_config_key": "slack", "tags": EMAIL}).to_string()),
        (400, refusal("invalid_body")),
        (400, refusal(TOKEN)),
        (400, invalid_fields()),
        (401, TOKEN.to_owned()),
        (403, json!({"error": {"code": "forbidden", "message": format!("Insufficient scope. Required: {TOKEN}")}}).to_string()),
        (404, refusal("unknown_connection")),
        (424, json!({"error": {"code": "invalid_credentials", "payload": TOKEN}}).to_string()),
        (429, refusal("too_many_request")),
        (500, refusal("generic_error_support")),
    ];
    let count = failures.len();
    let server = Server::start(failures.map(|(status, body)| (status, "", body))).await;
    for _ in 0..count {
        let error = server.client.connection(&key()).await.unwrap_err();
        kinds.insert(format!("{:?}", error.kind()));
        shown.debug::<ErrorKind>(&error.kind());
        shown.error(&error);
        if let Some(cause) = error.cause() {
            shown.error(cause);
        }
        if let Some(Cause::InvalidFields(fields)) = error.cause() {
            fields.iter().for_each(|field| shown.debug::<InvalidField>(field));
        }
    }
    assert_eq!(kinds.len(), 7, "each failure is another one: {kinds:?}");
    // Replies that are not HTTP, or that break off.
    for reply in [
        format!("{TOKEN}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{PASSWORD}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {ID}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{TOKEN}\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{EMAIL}"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), TOKEN).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(reply.as_bytes()).await.unwrap();
        });
        shown.error(&client.connection(&key()).await.unwrap_err());
    }
}
