use std::error::Error as _;
use std::time::{Duration, SystemTime};

use nango_client::{Client, ConnectionKey, ErrorKind, SessionDefaults, Tags};

use crate::server::{Prepared, Server};

fn unavailable() -> Prepared {
    (503, "", String::new())
}

fn no_integrations() -> Prepared {
    (200, "", r#"{"data":[]}"#.to_owned())
}

#[tokio::test]
async fn only_idempotent_background_calls_are_retried() {
    let server = Server::start([unavailable(), no_integrations(), unavailable(), unavailable()]).await;
    let background = server.client.background();
    assert_eq!(background.integrations().await.unwrap(), []);
    let session = background.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await;
    assert_eq!(session.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(server.client.integrations().await.unwrap_err().is_retryable());
    assert_eq!(
        server.lines(),
        ["GET /integrations", "GET /integrations", "POST /connect/sessions", "GET /integrations"]
    );
}

#[tokio::test]
async fn a_used_up_rate_limit_is_an_error_with_the_time_to_wait() {
    let server = Server::start([(429, "retry-after: 7\r\n", String::new())]).await;
    let error = server.client.integrations().await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn clients_with_another_key_share_the_rate_limit() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let headers = format!("x-ratelimit-remaining: 3\r\nx-ratelimit-reset: {}\r\n", now + 30);
    let (_, _, body) = no_integrations();
    let server = Server::start([(200, &*headers.leak(), body)]).await;
    let other = server.client.with_key("other").unwrap();
    assert!(!server.client.is_near_rate_limit());
    other.integrations().await.unwrap();
    assert!(server.client.is_near_rate_limit());
    assert!(server.requests()[0].head.contains("authorization: Bearer other"));
}

#[tokio::test]
async fn errors_have_no_ids_keys_and_urls() {
    let client = Client::new("http://127.0.0.1:1", "k3y").unwrap();
    let error = client.connection(&ConnectionKey::new("slack", "c0ffee")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let mut texts = format!("{error} {error:?} {client:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        texts += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    for secret in ["c0ffee", "k3y", "http://"] {
        assert!(!texts.contains(secret), "{texts}");
    }
}
