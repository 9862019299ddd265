//! Tests of the routes, and what those in other files need.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;

use super::{Admitted, Route, admit};
use crate::attempts::AttemptText;
use crate::builder::NangoBuilder;
use crate::nango::Nango;
use crate::owner::{Owner, TagMapper};
use crate::record::{Attempts, Change, Health, HealthState, Record, State};
use crate::store::MemoryStore;
use nango_client::{ConnectionKey, SIGNATURE_HEADER, SigningKeys, TagError, Tags, Timestamp};

struct User;

impl TagMapper for User {
    type Id = String;
    const KIND: &'static str = "user";
    const ID_TAG: &'static str = "end_user_id";
    const TAGS: &'static [&'static str] = &["end_user_id"];
    fn owner(&self) -> Owner {
        Owner::new("user", "alice")
    }
    fn to_tags(&self) -> Result<Tags, TagError> {
        let mut tags = Tags::new();
        tags.insert("end_user_id", "alice")?;
        Ok(tags)
    }
}

pub(super) fn nango() -> Nango {
    builder().build().unwrap()
}

pub(super) fn builder() -> NangoBuilder {
    Nango::builder("key", SigningKeys::new(["signing"]).unwrap(), MemoryStore::new())
        .host("http://127.0.0.1:9")
        .allowed_integrations(["slack"])
        .entity::<User>()
        .trusted_origins(["https://trusted.example"])
}

#[test]
fn a_route_matches_the_end_of_the_raw_path() {
    let check =
        |path| Route::ALL.iter().copied().filter(|route| route.matches_suffix(path)).collect::<Vec<_>>();
    assert_eq!(check("/webhook"), [Route::Webhook]);
    assert_eq!(check("/any/where/webhook"), [Route::Webhook]);
    assert_eq!(check("/connections/a%2Fb"), [Route::Disconnect]);
    assert_eq!(check("/nango/connections/.."), [Route::Disconnect]);
    assert_eq!(check("/nango/connections/h/check"), [Route::Check]);
    for path in [
        "",
        "/",
        "webhook",
        "/webhook/",
        "/%77ebhook",
        "/WEBHOOK",
        "/a-webhook",
        "/connections/",
        "/connections//check",
        "/connections%2Fa",
        "/connections/a%2Fcheck/b",
        "/conn%65ctions/h/check",
        "/connections/h/ch%65ck",
    ] {
        assert_eq!(check(path), [], "{path}");
    }
}

/// Moves the clock: an attempt whose session ended so long ago.
fn attempt_that_ended(nango: &Nango, ago: Duration) -> (AttemptText, String) {
    let keys = nango.shared().settings.attempt_keys.as_ref().unwrap();
    let attempt = keys.begin(&User.owner(), vec!["slack".to_owned()]);
    keys.seal(attempt, Timestamp::now().saturating_sub(ago))
}

async fn outcome(nango: &Nango, text: &str, wait: u64) -> String {
    let head = Request::get(format!("/attempts/{text}?wait={wait}")).body(()).unwrap().into_parts().0;
    let Ok(Admitted::Owner(request)) = admit(nango, Route::Attempt, head) else { panic!() };
    let reply = request.answer(&User, |_| Poll::Ready(None::<Result<Bytes, ()>>)).await;
    assert_eq!(reply.status(), 200);
    String::from_utf8(reply.into_body().to_vec()).unwrap()
}

#[tokio::test]
async fn an_attempt_expires_a_minute_after_its_session_also_under_a_caller_that_waits() {
    let nango = builder().track_attempts().build().unwrap();
    let ended = |seconds| attempt_that_ended(&nango, Duration::from_secs(seconds)).1;
    assert_eq!(outcome(&nango, &ended(50), 0).await, r#"{"state":"pending"}"#, "clocks may differ");
    let began = Instant::now();
    for expired in [62, 24 * 3_600] {
        assert_eq!(outcome(&nango, &ended(expired), 30).await, r#"{"state":"expired"}"#);
    }
    assert!(began.elapsed() < Duration::from_secs(15), "an expired attempt is not waited for");
    let began = Instant::now();
    assert_eq!(outcome(&nango, &ended(59), 30).await, r#"{"state":"expired"}"#);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_came_late_counts_although_its_attempt_has_expired() {
    let nango = builder().track_attempts().build().unwrap();
    let (attempt, text) = attempt_that_ended(&nango, Duration::from_secs(3_600));
    let now = Timestamp::now();
    let attempts = Attempts::default().with(attempt.id().as_str(), now);
    let health = HealthState::new(Health::Healthy, now);
    let row = Record {
        owner: Some(User.owner()),
        removed: false,
        look_again_at: None,
        details: State { attempts, ..State::new(1, "slack".to_owned(), now, health) }.into(),
        ..Record::mark(ConnectionKey::new("slack", "c"), now)
    };
    nango.engine().apply(&Change::put(None, row)).await.unwrap();
    let connected = outcome(&nango, &text, 30).await;
    assert!(connected.starts_with(r#"{"state":"connected","handle":""#), "{connected}");
}

/// Thousands of callers may wait for the outcome of an attempt, each with such a future.
#[test]
fn a_request_that_waits_takes_little_memory() {
    let nango = builder().track_attempts().build().unwrap();
    let head = Request::get("/attempts/none?wait=20").body(()).unwrap().into_parts().0;
    let Ok(Admitted::Owner(request)) = admit(&nango, Route::Attempt, head) else { panic!() };
    let alice = Owner::new("user", "alice");
    let answer = request.answer(&alice, |_| Poll::Ready(None::<Result<Bytes, ()>>));
    let size = size_of_val(&answer);
    assert!(size <= 1_024, "{size} bytes");
    // An adapter's future has room for both kinds.
    let head =
        Request::post("/webhook").header(SIGNATURE_HEADER, "0".repeat(64)).body(()).unwrap().into_parts().0;
    let Ok(Admitted::Public(request)) = admit(&nango, Route::Webhook, head) else { panic!() };
    let answer = request.answer(|_| Poll::Ready(None::<Result<Bytes, ()>>));
    let size = size_of_val(&answer);
    assert!(size <= 1_024, "{size} bytes");
}

/// Extensions may hold what is scarce, and a slow body would keep it.
#[tokio::test]
async fn the_extensions_of_the_head_are_dropped_before_the_body_is_read() {
    let nango = nango();
    let scarce = Arc::new(());
    let mut head = Request::post("/session-token").body(()).unwrap().into_parts().0;
    head.extensions.insert(scarce.clone());
    let Ok(Admitted::Owner(mut request)) = admit(&nango, Route::SessionToken, head) else { panic!() };
    assert!(request.head().extensions.get::<Arc<()>>().is_some(), "an extractor finds them");
    let mut held = None;
    let reply = request
        .answer(&User, |_| {
            held.get_or_insert(Arc::strong_count(&scarce));
            Poll::Ready(Some(Err(())))
        })
        .await;
    assert_eq!((reply.status().as_u16(), held), (400, Some(1)));
}
