//! What pages of other sites, holders of a copied cookie, and slow clients try.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use nango_tests::{Browser, Program, Reply, eventually, http, send};
use reqwest::Method;

use crate::databases::{self, Home};
use crate::program::{free_port, login, start};

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) async fn running() -> (Home, Program, u16) {
    let (home, emulator) = (databases::sqlite().await, free_port());
    let app = start(&home, free_port(), emulator, &[]);
    (home, app, emulator)
}

#[tokio::test]
async fn a_copied_cookie_is_of_no_use_after_the_logout() {
    let (home, app, emulator) = running().await;
    let [browser, other] = [login(&app, "alice").await, login(&app, "alice").await];
    // It keeps sending the cookie after the logout, as a thief would.
    let copy = browser.clone();
    assert_eq!(copy.get("/me").await.status, 200);
    assert_eq!(browser.post("/logout", "").await.status, 303);
    assert_eq!(copy.get("/me").await.status, 401);
    assert_eq!(copy.get("/nango/connections").await.status, 401);
    assert_eq!(copy.get("/org/nango/connections").await.status, 401);
    assert_eq!(other.get("/me").await.status, 200, "another browser is still logged in");
    app.kill();

    let restarted = start(&home, free_port(), emulator, &[]);
    let again = |cookie: &str| Browser::new(restarted.url()).with_login("cookie", cookie.to_owned());
    assert_eq!(again(&cookie_of(&other)).get("/me").await.status, 200);
    assert_eq!(again(&cookie_of(&copy)).get("/me").await.status, 401);
}

/// Returns the cookie that a browser sends.
fn cookie_of(browser: &Browser) -> String {
    let request = browser.request(Method::GET, "/").build().unwrap();
    request.headers()["cookie"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_login_ends_the_old_session_of_the_browser() {
    let (_home, app, _) = running().await;
    let alice = login(&app, "alice").await;
    let form = alice.request(Method::POST, "/login").header("content-type", FORM).body("user=bob");
    assert_eq!(alice.send(form).await.status, 303);
    assert_eq!(alice.get("/me").await.status, 401);
}

#[tokio::test]
async fn forms_of_other_sites_change_no_login() {
    let (_home, app, _) = running().await;
    let alice = login(&app, "alice").await;
    let own = app.url().to_owned();
    let near = "http://127.0.0.1:1";
    let post = async |path: &str, headers: &[(&str, &str)]| -> Reply {
        let form = alice.request(Method::POST, path).header("content-type", FORM).body("user=bob");
        alice.send(headers.iter().fold(form, |form, (name, value)| form.header(*name, *value))).await
    };
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")].as_slice(),
        &[("origin", near), ("sec-fetch-site", "same-site")],
        &[("origin", &own), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
        &[("origin", near)],
        &[("origin", "null")],
    ] {
        for path in ["/login", "/logout"] {
            let refused = post(path, headers).await;
            assert_eq!(refused.status, 403, "{path} {headers:?}");
            assert_eq!((refused.code().as_str(), refused.header("set-cookie")), ("cross_origin", ""));
        }
    }
    assert_eq!(alice.get("/me").await.json()["user"]["id"], "alice");

    for headers in [
        [("origin", own.as_str()), ("sec-fetch-site", "same-origin")].as_slice(),
        &[("sec-fetch-site", "none")],
        &[("origin", &own)],
        &[],
    ] {
        assert_eq!(post("/login", headers).await.status, 303, "{headers:?}");
    }
    let link = alice.request(Method::GET, "/login").header("sec-fetch-site", "cross-site");
    assert_eq!(alice.send(link).await.status, 303, "a link of another site may be followed");
}

#[tokio::test]
async fn a_page_whose_name_resolves_to_this_machine_cannot_log_in() {
    let (_home, app, _) = running().await;
    let browser = Browser::new(app.url());
    let from = |path: &str| {
        let request = browser.request(Method::POST, path).header("host", "evil.example:3000");
        request.header("origin", "http://evil.example:3000").header("sec-fetch-site", "same-origin")
    };
    let form = from("/login").header("content-type", FORM).body("user=alice");
    let refused = browser.send(form).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (403, ""));
    assert!(refused.body.contains("--allow-host"), "{}", refused.body);
    assert_eq!(browser.send(from("/nango/connections/x/check")).await.status, 401, "nor without a login");
    let webhook = browser.request(Method::POST, "/nango/webhook").header("host", "tunnel.example");
    assert_eq!(browser.send(webhook.body("{}")).await.status, 401, "Nango may use any name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_half_a_request_is_disconnected() {
    const LIMIT: Duration = Duration::from_secs(14);

    let (_home, app, _) = running().await;
    let address = app.url().trim_start_matches("http://").to_owned();
    let half = "GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ";
    let second = format!("GET /login HTTP/1.1\r\nhost: localhost\r\n\r\n{half}");
    let form = "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                content-length: 100\r\n\r\nuser=";
    let halves = [half.to_owned(), String::new(), second, form.to_owned()].map(|half| {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let mut socket = TcpStream::connect(address).unwrap();
            socket.set_read_timeout(Some(LIMIT)).unwrap();
            socket.write_all(half.as_bytes()).unwrap();
            let began = Instant::now();
            // Zero bytes, or the end after a reply: the server hangs up.
            let end = socket.read_to_end(&mut Vec::new());
            (half, end.is_ok(), began.elapsed())
        })
    });
    for half in halves {
        let (half, ended, after) = half.await.unwrap();
        assert!(ended && after < LIMIT, "{half:?}: {ended} after {after:?}");
    }
    assert_eq!(Browser::new(app.url()).get("/").await.status, 200);
}

#[tokio::test]
async fn the_browser_gets_fields_of_slacks_reply_and_no_token() {
    let (home, app, emulator) = running().await;
    let alice = login(&app, "alice").await;
    assert_eq!(alice.get("/slack/channels").await.status, 404);
    let token = alice.session_token("").await;
    let nango = format!("http://127.0.0.1:{emulator}");
    let consent = format!("{nango}/oauth/connect/slack?connect_session_token={token}");
    let consent = send(http().get(consent)).await.unwrap();
    let (_, request) = consent.header("location").split_once('?').unwrap();
    let decision = http().post(format!("{nango}/_emulator/provider/slack/decision"));
    let decision = decision.header("content-type", FORM).body(format!("{request}&decision=allow"));
    let callback = send(decision).await.unwrap();
    let (_, query) = callback.header("location").split_once('?').unwrap();
    assert_eq!(send(http().get(format!("{nango}/oauth/callback?{query}"))).await.unwrap().status, 200);
    let is_listed = async || !alice.connections("/nango").await.is_empty();
    eventually(Duration::from_secs(10), "a webhook", is_listed).await;

    let reply = alice.get("/slack/channels").await;
    assert_eq!(reply.json(), serde_json::json!([{ "id": "C0EMULATOR", "name": "general" }]));
    assert_eq!(reply.header("cache-control"), "no-store");
    let state = std::fs::read(home.folder().join("quickstart.db.emulator.json")).unwrap();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap();
    let tokens = state["grants"]["access_tokens"].as_array().unwrap();
    assert!(!tokens.is_empty());
    for token in tokens {
        assert!(!reply.body.contains(token.as_str().unwrap()), "the access token is in {}", reply.body);
    }

    let handle = alice.connections("/nango").await[0]["handle"].as_str().unwrap().to_owned();
    assert_eq!(alice.get(&format!("/slack/channels/{handle}")).await.json(), reply.json());
    let missing =
        serde_json::json!({ "error": { "code": "not_found", "message": "there is no such connection" } });
    for path in ["/slack/channels/none".to_owned(), format!("/org/slack/channels/{handle}")] {
        let reply = alice.get(&path).await;
        assert_eq!((reply.status, reply.json()), (404, missing.clone()), "{path}");
    }
    assert_eq!(Browser::new(app.url()).get("/slack/channels").await.status, 401);
}
