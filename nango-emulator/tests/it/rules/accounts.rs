//! Well-known endpoints of emulated providers, which name the account of a connection.

use std::time::Duration;

use nango_emulator::{Account, Credentials, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use super::request;
use crate::support::{call, http};

/// Calls the provider through the proxy. Returns status and JSON.
async fn proxied(nango: &Emulator, method: Method, integration: &str, id: &str, path: &str) -> (u16, Value) {
    let request = request(nango, method, &format!("/proxy{path}"));
    let request = request.header("connection-id", id).header("provider-config-key", integration);
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    (status, serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap_or_default())
}

async fn emulator() -> Emulator {
    let all = ["google-calendar", "google-mail", "slack", "github", "hubspot", "freshdesk"];
    Emulator::builder().integrations(all).start().await.unwrap()
}

async fn connect(nango: &Emulator, integration: &str, email: &str) -> String {
    let credentials = Credentials::oauth2().account(Account::new(email));
    nango.connect(&nango.create_session(&[]), integration, credentials).await.unwrap().connection_id
}

#[tokio::test]
async fn well_known_endpoints_name_the_account() {
    let nango = emulator().await;
    let (anna, work) = ("anna@example.com", "anna.work@example.com");
    let get = Method::GET;
    for (integration, path, pointer, expected) in [
        ("google-calendar", "/oauth2/v3/userinfo", "/email", [anna, work]),
        ("google-mail", "/oauth2/v2/userinfo?alt=json", "/name", ["Anna", "Anna Work"]),
        ("google-mail", "/gmail/v1/users/me/profile", "/emailAddress", [anna, work]),
        ("slack", "/auth.test", "/team", ["Emulator", "Anna Work"]),
        ("slack", "/api/auth.test", "/user", ["anna", "anna.work"]),
        ("github", "/user", "/login", ["anna", "anna-work"]),
    ] {
        for (email, expected) in [anna, work].into_iter().zip(expected) {
            let id = connect(&nango, integration, email).await;
            let (status, body) = proxied(&nango, get.clone(), integration, &id, path).await;
            assert_eq!((status, body.pointer(pointer)), (200, Some(&json!(expected))), "{path}: {body}");
        }
    }
    let id = connect(&nango, "slack", anna).await;
    let (status, body) = proxied(&nango, Method::POST, "slack", &id, "/auth.test").await;
    assert_eq!((status, &body["ok"], &body["team_id"]), (200, &json!(true), &json!("T0EMULATOR")));
    assert_eq!(body["url"], "https://emulator.slack.com/");
    // Everything else is an echo, on other providers the well-known paths, too.
    assert_eq!(proxied(&nango, Method::GET, "slack", &id, "/users.list").await.1["url"], "/users.list");
    let id = connect(&nango, "hubspot", anna).await;
    assert_eq!(proxied(&nango, Method::GET, "hubspot", &id, "/user").await.1["url"], "/user");
}

#[tokio::test]
async fn broken_credentials_are_refused_as_by_the_provider() {
    let nango = emulator().await;
    for (integration, path, expected) in [
        ("slack", "/auth.test", (200, json!({ "ok": false, "error": "invalid_auth" }))),
        (
            "github",
            "/user",
            (
                401,
                json!({
                    "message": "Bad credentials",
                    "documentation_url": "https://docs.github.com/rest",
                    "status": "401",
                }),
            ),
        ),
        (
            "google-calendar",
            "/oauth2/v3/userinfo",
            (401, json!({ "error": "invalid_request", "error_description": "Invalid Credentials" })),
        ),
    ] {
        let id = connect(&nango, integration, "anna@example.com").await;
        nango.revoke_unnoticed(integration, &id).await.unwrap();
        assert_eq!(proxied(&nango, Method::GET, integration, &id, path).await, expected);
    }
}

#[tokio::test]
async fn account_survives_refresh_and_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.json");
    let start = || Emulator::builder().data_file(&data).start();
    let email = |nango: &Emulator, id: &str| {
        let asked = call_userinfo(nango, id);
        async move { asked.await["email"].as_str().unwrap().to_owned() }
    };
    let nango = start().await.unwrap();
    let id = connect(&nango, "google-calendar", "anna.work@example.com").await;
    nango.expire_token("google-calendar", &id).unwrap();
    assert_eq!(email(&nango, &id).await, "anna.work@example.com");
    nango.advance(Duration::from_secs(7200));
    let freshdesk = Credentials::basic("u", "p-1").param("subdomain", "acme");
    let desk = nango.connect(&nango.create_session(&[]), "freshdesk", freshdesk).await.unwrap().connection_id;
    let agent = proxied(&nango, Method::GET, "freshdesk", &desk, "/api/v2/agents/me").await;
    nango.stop().await;
    let nango = start().await.unwrap();
    assert_eq!(email(&nango, &id).await, "anna.work@example.com");
    assert_eq!(proxied(&nango, Method::GET, "freshdesk", &desk, "/api/v2/agents/me").await, agent);
}

async fn call_userinfo_of(nango: String, key: String, id: String) -> Value {
    let request = http().get(format!("{nango}/proxy/oauth2/v3/userinfo")).header("authorization", key);
    let request = request.header("connection-id", id).header("provider-config-key", "google-calendar");
    serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
}

fn call_userinfo(nango: &Emulator, id: &str) -> impl Future<Output = Value> + use<> {
    call_userinfo_of(nango.local_url().to_owned(), nango.secret_key().to_owned(), id.to_owned())
}

#[tokio::test]
async fn accounts_of_passwords_differ_and_can_be_set() {
    let nango = emulator().await;
    let mut agents = Vec::new();
    for password in ["p-1", "p-2", "p-2"] {
        let credentials = Credentials::basic("u", password).param("subdomain", "acme");
        let token = nango.create_session(&[]);
        let id = nango.connect(&token, "freshdesk", credentials).await.unwrap().connection_id;
        let (_, agent) = proxied(&nango, Method::GET, "freshdesk", &id, "/api/v2/agents/me").await;
        let email = agent["contact"]["email"].as_str().unwrap().to_owned();
        assert!(email.starts_with("user.") && !email.contains(password), "{email}");
        agents.push((id, email));
    }
    assert_ne!(agents[0].1, agents[1].1);
    assert_eq!(agents[1].1, agents[2].1);
    let id = &agents[0].0;
    nango.set_account("freshdesk", id, &Account::new("ben@example.com").name("Ben B.")).unwrap();
    let (_, agent) = proxied(&nango, Method::GET, "freshdesk", id, "/api/v2/agents/me").await;
    assert_eq!(agent["contact"], json!({ "active": true, "email": "ben@example.com", "name": "Ben B." }));
    let body = json!({
        "integration": "freshdesk", "connection_id": id, "email": "cleo@example.com", "team": "Acme",
    });
    assert_eq!(call(&nango, Method::POST, "/_emulator/account", Some(body)).await.0, 200);
    let (_, agent) = proxied(&nango, Method::GET, "freshdesk", id, "/api/v2/agents/me").await;
    assert_eq!(agent["contact"]["email"], "cleo@example.com");
    assert!(nango.set_account("freshdesk", "none", &Account::default()).is_err());
    let none = json!({ "integration": "slack", "connection_id": "none", "email": "a@example.com" });
    assert_eq!(call(&nango, Method::POST, "/_emulator/account", Some(none)).await.0, 404);
}

#[tokio::test]
async fn imported_token_has_the_account_that_was_set() {
    let nango = emulator().await;
    let body = json!({
        "provider_config_key": "slack",
        "connection_id": "imported",
        "credentials": { "type": "OAUTH2", "access_token": "xoxb-1" },
    });
    assert_eq!(call(&nango, Method::POST, "/connections", Some(body)).await.0, 201);
    let ask = || proxied(&nango, Method::GET, "slack", "imported", "/auth.test");
    assert_eq!(ask().await.1["error"], "invalid_auth");
    nango.set_account("slack", "imported", &Account::new("ben@example.com").team("Acme")).unwrap();
    assert_eq!(ask().await.1["team"], "Acme");
}

/// Steps of a person: opens the consent page, and sends its form.
#[tokio::test]
async fn consent_page_offers_accounts() {
    let nango = emulator().await;
    let mut emails = Vec::new();
    for form in
        ["", "&account=anna.work%40example.com", "&account=anna%40example.com&other_account=ben%40b.example"]
    {
        let token = nango.create_session(&[]);
        let url =
            format!("{}/oauth/connect/google-calendar?connect_session_token={token}", nango.local_url());
        let reply = http().get(url).send().await.unwrap();
        let consent = reply.headers()["location"].to_str().unwrap().to_owned();
        let page = http().get(&consent).send().await.unwrap().text().await.unwrap();
        assert!(page.contains(r#"value="anna@example.com" checked"#), "{page}");
        assert!(page.contains(r#"value="anna.work@example.com">"#), "{page}");
        let (path, query) = consent.split_once('?').unwrap();
        let decision = http().post(path.replace("/authorize", "/decision"));
        let decision = decision.header("content-type", "application/x-www-form-urlencoded");
        let decision = decision.body(format!("{query}&decision=allow{form}")).send().await.unwrap();
        let back = decision.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(http().get(back).send().await.unwrap().status(), 200);
        let (_, list) = call(&nango, Method::GET, "/connections", None).await;
        let id = list["connections"][0]["connection_id"].as_str().unwrap();
        emails.push(call_userinfo(&nango, id).await["email"].as_str().unwrap().to_owned());
        let hinted = http().get(format!("{consent}&login_hint=cleo%40example.com")).send().await.unwrap();
        assert!(hinted.text().await.unwrap().contains(r#"value="cleo@example.com" checked"#));
    }
    assert_eq!(emails, ["anna@example.com", "anna.work@example.com", "ben@b.example"]);
}
