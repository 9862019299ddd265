//! Retries, deadlines and the rate limit as values, and ids of requests.

use std::time::{Duration, SystemTime};

use nango_client::{Cause, ConnectionKey, ErrorKind, RetryPolicy, SessionDefaults, Tags};
use tokio::time::Instant;

use crate::canned::{Answer, Canned, ok};
use crate::server::Server;

const SECOND: Duration = Duration::from_secs(1);

fn unavailable() -> Answer {
    Some((503, String::new()))
}

fn no_integrations() -> Answer {
    ok(r#"{"data":[]}"#)
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_how_often_and_when_a_call_is_tried() {
    let (client, nango) = Canned::new((0..9).map(|_| unavailable()));
    let client = client.with_retries(RetryPolicy::new(3).first_pause(SECOND));
    let began = Instant::now();
    assert_eq!(client.integrations().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(nango.requests().len(), 3);
    assert!(began.elapsed() >= 3 * SECOND && began.elapsed() < 4 * SECOND, "{:?}", began.elapsed());
    let session = client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await;
    assert!(session.is_err());
    assert_eq!(nango.requests().len(), 4, "a session may have been created");
    assert!(client.with_retries(RetryPolicy::NONE).integrations().await.is_err());
    assert_eq!(nango.requests().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_stays_is_not_tried_again() {
    let refused = |status: u16, code: &str| Some((status, format!(r#"{{"error":{{"code":"{code}"}}}}"#)));
    for answer in [refused(400, "invalid_body"), refused(401, "unknown_account"), refused(404, "not_found")] {
        let (client, nango) = Canned::new([answer]);
        assert!(client.with_retries(RetryPolicy::new(5)).integrations().await.is_err());
        assert_eq!(nango.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_for_all_attempts_together() {
    let (client, nango) = Canned::new((0..99).map(|_| unavailable()));
    let client = client.with_retries(RetryPolicy::new(99).first_pause(SECOND)).with_deadline(10 * SECOND);
    let began = Instant::now();
    let error = client.integrations().await.unwrap_err();
    assert_eq!(error.cause(), Some(&Cause::NotNango { status: 503 }), "the reason of the last attempt");
    assert!(began.elapsed() < 10 * SECOND, "no pause that it would end is begun");
    assert!((3..=4).contains(&nango.requests().len()), "{}", nango.requests().len());

    let (client, _) = Canned::new([unavailable(), no_integrations()]);
    assert!(client.background().with_deadline(10 * SECOND).integrations().await.is_ok());
}

#[tokio::test]
async fn an_attempt_ends_with_the_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let client = nango_client::Client::new(&host, "key").unwrap().with_deadline(Duration::from_millis(100));
    let began = Instant::now();
    let error = client.connection(&ConnectionKey::new("slack", "c")).await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Unavailable, Some(&Cause::TimedOut)));
    assert!(began.elapsed() < 5 * SECOND);
}

#[tokio::test]
async fn a_pause_that_nango_asks_for_is_made_only_where_there_is_time_for_it() {
    let busy = || (429, "retry-after: 30\r\n", String::new());
    let server = Server::start([busy(), busy()]).await;
    let began = Instant::now();
    let short = RetryPolicy::new(3).longest_pause(SECOND);
    let by_policy = server.client.with_retries(short).integrations().await.unwrap_err();
    let by_deadline = server.client.background().with_deadline(10 * SECOND).integrations().await.unwrap_err();
    for error in [by_deadline, by_policy] {
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!((29..=30).contains(&error.retry_after().unwrap().as_secs()), "{error}");
    }
    assert!(began.elapsed() < 5 * SECOND);
    assert_eq!(server.lines().len(), 1, "the second call knows that nothing is left");
}

#[tokio::test]
async fn the_state_of_the_rate_limit_is_readable() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let headers = format!(
        "x-ratelimit-limit: 200\r\nx-ratelimit-remaining: 150\r\nx-ratelimit-reset: {}\r\n",
        now + 30
    );
    let server = Server::start([(200, &*headers.leak(), r#"{"data":[]}"#.to_owned())]).await;
    assert_eq!(server.client.rate_limit_state(), None);
    server.client.integrations().await.unwrap();
    let state = server.client.with_key("other").unwrap().rate_limit_state().unwrap();
    assert_eq!((state.limit, state.remaining), (Some(200), 150));
    assert!((28..=30).contains(&state.resets_in.as_secs()), "{state:?}");
}

#[tokio::test]
async fn an_error_names_the_request_that_support_asks_for() {
    let unexpected = |id: &str| {
        format!(r#"{{"error":{{"message":"m","code":"generic_error_support","payload":"{id}"}}}}"#)
    };
    let id = "8ee14b24-02a1-497b-abb3-4b68aeeeb90f";
    let server = Server::start([
        (500, "x-request-id: 0123456789ab\r\n", unexpected(id)),
        (502, "x-request-id: 0123456789ab\r\n", String::new()),
        (500, "x-request-id: alice@acme.example\r\n", unexpected("a secret")),
    ])
    .await;
    for expected in [Some(id), Some("0123456789ab"), None] {
        let error = server.client.integrations().await.unwrap_err();
        assert_eq!(error.request_id(), expected);
        assert_eq!(error.to_string().contains("; request "), expected.is_some(), "{error}");
    }
}
