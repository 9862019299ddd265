//! One request and one response of each further resource.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use http::Method;
use nango_client::{
    AuthMode, Client, ConnectionDetails, ConnectionKey, Credentials, Error, ErrorKind, FunctionKind,
    ImportedCredentials, IntegrationDefaults, NewCredentials, OAuthClient, SessionDefaults, Tags, Timestamp,
    Waited,
};
use serde_json::{Map, Value, json};

use crate::canned::{Answer, Canned, ok};
use crate::server::connection;

fn slack() -> ConnectionKey {
    ConnectionKey::new("slack", "a/b")
}

fn data(data: &Value) -> Answer {
    ok(json!({ "data": data }).to_string())
}

fn done() -> Answer {
    ok(r#"{"success":true}"#)
}

fn request(line: &str, body: &Value) -> (String, String) {
    (line.to_owned(), if body.is_null() { String::new() } else { body.to_string() })
}

fn integration() -> Value {
    json!({"unique_key": "slack", "provider": "slack", "display_name": "Slack", "logo": "l", "forward_webhooks": true,
        "created_at": "2026-11-23T09:02:01.045Z", "updated_at": "2026-11-23T09:02:01.045Z"})
}

fn details(credentials: &Value) -> Answer {
    let mut found: Value = serde_json::from_str(&connection("a/b")).unwrap();
    found["credentials"] = credentials.clone();
    found["connection_config"] = json!({"subdomain": "acme"});
    found["webhook_url_override"] = json!("https://app.example/hook");
    (found["updated_at"], found["last_fetched_at"]) = (json!("2026-11-23T09:02:02.000+00:00"), Value::Null);
    (found["end_user"], found["new"]) = (json!({"id": "alice", "organization": {"id": "acme"}}), json!(1));
    ok(found.to_string())
}

/// Compares requests whose bodies are JSON, in whatever order.
fn assert_requests(nango: &Canned, expected: &[(String, String)]) {
    let parsed = |body: &str| serde_json::from_str::<Value>(body).unwrap_or_default();
    for (found, expected) in nango.requests().iter().zip(expected) {
        assert_eq!((&found.0, parsed(&found.1)), (&expected.0, parsed(&expected.1)));
    }
    assert_eq!(nango.requests().len(), expected.len());
}

#[tokio::test]
async fn integrations_are_created_read_changed_and_deleted() {
    let mut with_credentials = integration();
    with_credentials["webhook_url"] = json!("https://hook.example");
    with_credentials["credentials"] =
        json!({"type": "OAUTH2", "client_id": "i", "client_secret": "s", "scopes": null});
    let (client, nango) = Canned::new([
        data(&integration()),
        data(&integration()),
        data(&with_credentials),
        data(&integration()),
        done(),
    ]);
    let app = OAuthClient::new("i", "s").scopes(["a:b", "c"]);
    let create = client.create_integration("slack", "slack").display_name("Slack").config("region", "eu");
    let created = create.credentials(NewCredentials::OAuth2(app)).send().await.unwrap();
    assert_eq!(
        (created.id.as_str(), created.forward_webhooks, created.extra.len()),
        ("slack", Some(true), 0)
    );
    client.create_quickstart_integration("slack", "slack").send().await.unwrap();
    let found = client.integration("a/b").with_webhook_url().with_credentials().send().await.unwrap();
    let credentials = found.credentials.unwrap();
    assert_eq!(credentials.auth_mode, AuthMode::OAuth2);
    assert_eq!(credentials.client_secret.unwrap().expose(), "s");
    client.update_integration("slack").id("chat").forward_webhooks(false).send().await.unwrap();
    client.delete_integration("chat").await.unwrap();
    assert_requests(
        &nango,
        &[
            request(
                "POST /integrations",
                &json!({
                    "unique_key": "slack", "provider": "slack", "display_name": "Slack",
                    "credentials": {"type": "OAUTH2", "client_id": "i", "client_secret": "s", "scopes": "a:b,c"},
                    "integration_config": {"region": "eu"},
                }),
            ),
            request("POST /integrations/quickstart", &json!({"unique_key": "slack", "provider": "slack"})),
            request("GET /integrations/a%2Fb?include=webhook&include=credentials", &Value::Null),
            request("PATCH /integrations/slack", &json!({"unique_key": "chat", "forward_webhooks": false})),
            request("DELETE /integrations/chat", &Value::Null),
        ],
    );
}

#[tokio::test]
async fn an_integration_that_does_not_exist_is_named_so() {
    let refusal = r#"{"error":{"code":"not_found","message":"Integration does not exist"}}"#;
    let (client, _) = Canned::new([Some((404, refusal.to_owned()))]);
    let error = client.integration("nope").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("nango does not have the integration"), "{error}");
}

async fn read(credentials: &Value) -> Result<ConnectionDetails, Error> {
    let (client, _) = Canned::new([details(credentials)]);
    client.connection_details(&slack()).send().await
}

#[tokio::test]
async fn the_details_of_a_connection_have_every_field() {
    let (client, nango) = Canned::new([details(&json!({"type": "API_KEY", "apiKey": "k"}))]);
    let read = client.connection_details(&slack()).force_refresh().with_refresh_token();
    let found = read.refresh_github_app_token().send().await.unwrap();
    let options = "force_refresh=true&refresh_token=true&refresh_github_app_jwt_token=true";
    let line = format!("GET /connections/a%2Fb?provider_config_key=slack&{options}");
    assert_requests(&nango, &[request(&line, &Value::Null)]);
    assert_eq!((found.connection.key, found.config["subdomain"].as_str()), (slack(), Some("acme")));
    assert_eq!(found.webhook_url.as_deref(), Some("https://app.example/hook"));
    let end_user = found.connection.end_user.unwrap();
    assert_eq!(
        (end_user.id.as_deref(), end_user.organization.unwrap().id.as_deref()),
        (Some("alice"), Some("acme"))
    );
    assert_eq!(found.extra, Map::from_iter([("new".to_owned(), json!(1))]));
    assert_eq!((found.last_fetched_at, found.updated_at > found.connection.created_at), (None, true));
}

#[tokio::test]
async fn credentials_of_every_auth_mode_are_typed() {
    for (credentials, token) in [
        (json!({"type": "API_KEY", "apiKey": "t"}), Some("t")),
        (json!({"type": "APP", "access_token": "t", "raw": {}, "jwtToken": "j"}), Some("t")),
        (json!({"type": "APP_STORE", "access_token": "t", "private_key": "p"}), Some("t")),
        (
            json!({"type": "AWS_SIGV4", "access_key_id": "a", "secret_access_key": "b", "session_token": "c", "raw": {}}),
            None,
        ),
        (json!({"type": "BASIC", "username": "u", "password": ""}), None),
        (
            json!({"type": "BILL", "username": "u", "password": "p", "organization_id": "o", "dev_key": "d", "raw": {}}),
            None,
        ),
        (json!({"type": "CUSTOM", "raw": {}, "app": {"access_token": "t"}, "user": null}), None),
        (json!({"type": "JWT", "privateKey": {"id": "i"}, "token": "t"}), Some("t")),
        (json!({"type": "OAUTH1", "oauth_token": "t", "oauth_token_secret": "s", "raw": {}}), None),
        (
            json!({"type": "OAUTH2", "access_token": "t", "refresh_token": "r", "expires_at": "2026-11-23T09:02:01.045Z", "raw": {"a": 1}}),
            Some("t"),
        ),
        (json!({"type": "MCP_OAUTH2", "access_token": "t", "raw": {}}), Some("t")),
        (
            json!({"type": "OAUTH2_CC", "token": "t", "client_id": "i", "client_secret": "s", "raw": {}}),
            Some("t"),
        ),
        (json!({"type": "SIGNATURE", "username": "u", "password": "p", "token": "t"}), Some("t")),
        (
            json!({"type": "TBA", "token_id": "i", "token_secret": "s", "config_override": {"client_id": "c"}}),
            None,
        ),
        (json!({"type": "TWO_STEP", "token": "t", "apiUser": "x", "raw": {}}), Some("t")),
    ] {
        let found = read(&credentials).await.unwrap().credentials;
        assert!(!matches!(found, Credentials::Other(_) | Credentials::None), "{credentials}");
        assert_eq!(found.token().map(nango_client::Secret::expose), token, "{credentials}");
        let has_raw = found.raw().map(|raw| raw.json::<Value>().unwrap());
        assert_eq!(has_raw, credentials.get("raw").cloned(), "{credentials}");
        assert_eq!(found.expires_at().is_some(), credentials.get("expires_at").is_some());
    }
}

#[tokio::test]
async fn credentials_that_this_version_does_not_know_stay_readable() {
    assert_eq!(read(&json!({})).await.unwrap().credentials, Credentials::None);
    for unknown in [json!({"type": "TELEPATHY", "thought": "t"}), json!({"type": "OAUTH2", "token": "t"})] {
        let Credentials::Other(found) = read(&unknown).await.unwrap().credentials else {
            panic!("{unknown}")
        };
        assert_eq!(found.auth_mode.as_str(), unknown["type"].as_str().unwrap());
        assert_eq!(found.json.json::<Value>().unwrap(), unknown);
    }
    let jwt = read(&json!({"type": "JWT", "privateKey": {"id": "i"}})).await.unwrap().credentials;
    let Credentials::Jwt(jwt) = jwt else { panic!() };
    assert_eq!(jwt.extra.names().collect::<Vec<_>>(), ["privateKey"]);
    assert_eq!(jwt.extra.get("privateKey").unwrap().expose(), r#"{"id":"i"}"#);
    assert_eq!(read(&json!("text")).await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn the_details_of_another_connection_are_not_believed() {
    let (client, _) = Canned::new([details(&json!({}))]);
    let error = client.connection_details(&ConnectionKey::new("slack", "other")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_connection_is_imported_and_changed() {
    let expires_at: Timestamp = "2026-11-23T09:02:01.045Z".parse().unwrap();
    let oauth2 = ImportedCredentials::OAuth2 {
        access_token: "a".into(),
        refresh_token: Some("r".into()),
        expires_at: Some(expires_at),
    };
    let (client, nango) = Canned::new([details(&json!({})), done(), done(), done(), done()]);
    let mut tags = Tags::new();
    tags.insert("end_user_id", "alice").unwrap();
    let metadata = Map::from_iter([("a".to_owned(), json!(1))]);
    let import = client.import_connection("slack", oauth2).id("a/b").tags(&tags).metadata(metadata.clone());
    assert_eq!(
        import.config(metadata.clone()).webhook_url("https://x").send().await.unwrap().connection.key,
        slack()
    );
    client.update_connection(&slack()).tags(&tags).send().await.unwrap();
    client.update_connection(&slack()).webhook_url(None).send().await.unwrap();
    client.set_metadata_of_many("slack", &["a", "b"], &metadata).await.unwrap();
    client.update_metadata_of_many("slack", &["a"], &metadata).await.unwrap();
    assert!(client.set_metadata_of_many("slack", &[], &metadata).await.is_err());
    let patch = "PATCH /connections/a%2Fb?provider_config_key=slack";
    assert_requests(
        &nango,
        &[
            request(
                "POST /connections",
                &json!({
                    "provider_config_key": "slack", "connection_id": "a/b", "tags": {"end_user_id": "alice"}, "metadata": {"a": 1},
                    "connection_config": {"a": 1}, "webhook_url_override": "https://x",
                    "credentials": {"type": "OAUTH2", "access_token": "a", "refresh_token": "r", "expires_at": "2026-11-23T09:02:01.045Z"},
                }),
            ),
            request(patch, &json!({"tags": {"end_user_id": "alice"}})),
            request(patch, &json!({"webhook_url_override": ""})),
            request(
                "POST /connections/metadata",
                &json!({"connection_id": ["a", "b"], "provider_config_key": "slack", "metadata": {"a": 1}}),
            ),
            request(
                "PATCH /connections/metadata",
                &json!({"connection_id": ["a"], "provider_config_key": "slack", "metadata": {"a": 1}}),
            ),
        ],
    );
}

#[tokio::test]
async fn imported_credentials_are_in_nangos_spelling() {
    use ImportedCredentials as C;
    let cases = [
        (C::ApiKey("k".into()), json!({"type": "API_KEY", "apiKey": "k"})),
        (
            C::App { app_id: "a".into(), installation_id: "i".into() },
            json!({"type": "APP", "app_id": "a", "installation_id": "i"}),
        ),
        (
            C::Basic { username: "u".into(), password: "p".into() },
            json!({"type": "BASIC", "username": "u", "password": "p"}),
        ),
        (C::None, json!({"type": "NONE"})),
        (
            C::OAuth1 { token: "t".into(), token_secret: "s".into() },
            json!({"type": "OAUTH1", "oauth_token": "t", "oauth_token_secret": "s"}),
        ),
        (
            C::Tba { token_id: "i".into(), token_secret: "s".into() },
            json!({"type": "TBA", "token_id": "i", "token_secret": "s", "config_override": {}}),
        ),
    ];
    for (credentials, expected) in cases {
        let (client, nango) = Canned::new([details(&json!({}))]);
        client.import_connection("slack", credentials).send().await.unwrap();
        let body: Value = serde_json::from_str(&nango.requests()[0].1).unwrap();
        assert_eq!(body, json!({"provider_config_key": "slack", "credentials": expected}));
    }
}

#[tokio::test]
async fn connections_are_streamed_and_an_unreadable_row_does_not_end_the_stream() {
    let page = |rows: &[String]| ok(format!(r#"{{"connections":[{}]}}"#, rows.join(",")));
    let (client, nango) = Canned::new([
        page(&[connection("a"), "{}".to_owned()]),
        page(&[connection("c")]),
        page(&[connection("a")]),
    ]);
    let list = client
        .connections()
        .integrations(["slack", "github"])
        .search("x")
        .end_user("u")
        .end_user_organization("o")
        .limit(2);
    let mut stream = list.stream();
    let mut found = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(connection)) => found.push(connection.key.connection_id().to_owned()),
            Ok(None) => break,
            Err(error) => found.push(format!("{:?}", error.kind())),
        }
    }
    assert_eq!(found, ["a", "Decode", "c"]);
    let line = "GET /connections?limit=2&page=0&integrationId=slack%2Cgithub&search=x&endUserId=u&endUserOrganizationId=o";
    assert_eq!(nango.requests()[0].0, line);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_waited_for_by_its_tags() {
    let list = |ids: &[&str]| {
        let rows: Vec<_> = ids.iter().map(|id| connection(id)).collect();
        ok(format!(r#"{{"connections":[{}]}}"#, rows.join(",")))
    };
    let minute = Duration::from_secs(60);
    let (client, nango) = Canned::new([list(&[]), list(&["old"]), None, list(&["new", "old"])]);
    let wait = client.connections().integration("slack").tag("end_user_id", "alice");
    let is_new = |found: &nango_client::Connection| found.key.connection_id() == "new";
    let found = wait.wait_for(minute, is_new).await.unwrap();
    assert_eq!(found.done().unwrap().key.connection_id(), "new");
    assert!(nango.requests()[0].0.ends_with("&integrationId=slack&tags%5Bend_user_id%5D=alice"));

    let (client, _) = Canned::new((0..99).map(|_| list(&["old"])));
    let began = tokio::time::Instant::now();
    let waited = client.connections().wait_for(minute, is_new).await.unwrap();
    assert!(waited == Waited::TimedOut && began.elapsed() >= minute && began.elapsed() < 2 * minute);
}

#[tokio::test]
async fn providers_and_functions_are_read() {
    let provider =
        json!({"name": "slack", "display_name": "Slack", "auth_mode": "OAUTH2", "docs": "d", "new": 1});
    let function = json!({"name": "issues", "type": "sync", "returns": ["Issue"], "json_schema": null, "runs": "every hour",
        "auto_start": true, "track_deletes": false, "id": 7, "enabled": true, "last_deployed": "2026-11-23T09:02:01.045Z",
        "source": "repo", "input": null, "scopes": [], "description": ""});
    let page = json!({"data": [function], "pagination": {"total": 3, "page": 1, "limit": 1}});
    let (client, nango) = Canned::new([
        data(&json!([provider])),
        data(&provider),
        data(&json!([{"name": "t", "type": "action", "returns": []}])),
        ok(page.to_string()),
        data(&function),
        ok(r#"{"type":"sync","code":"export"}"#),
        data(&json!({"success": true})),
    ]);
    assert_eq!(client.providers(Some("sl|b")).await.unwrap()[0].auth_mode, AuthMode::OAuth2);
    assert_eq!(client.provider("slack").await.unwrap().extra["new"], 1);
    assert_eq!(client.provider_templates("slack").await.unwrap()[0].kind, FunctionKind::Action);
    let list = client.functions("github").kind(FunctionKind::Sync).search("i").page(1).limit(1);
    let page = list.send().await.unwrap();
    assert_eq!((page.functions[0].id, page.pagination.total), (7, 3));
    assert_eq!(
        client.function("github", "issues", Some(&FunctionKind::Sync)).await.unwrap(),
        page.functions[0]
    );
    assert_eq!(client.function_code("github", "issues", None).await.unwrap().code, "export");
    client.delete_function("github", "issues", &FunctionKind::Sync).await.unwrap();
    let lines: Vec<_> = nango.requests().into_iter().map(|(line, _)| line).collect();
    assert_eq!(
        lines,
        [
            "GET /providers?search=sl%7Cb",
            "GET /providers/slack",
            "GET /providers/slack/templates",
            "GET /integrations/github/functions?limit=1&page=1&type=sync&search=i",
            "GET /integrations/github/functions/issues?type=sync",
            "GET /integrations/github/functions/issues/code",
            "DELETE /integrations/github/functions/issues?type=sync",
        ]
    );
}

#[tokio::test]
async fn environments_their_keys_and_variables_are_managed() {
    let key = json!({"id": 5, "display_name": "ci", "scopes": ["environment:*"], "secret": "s", "created_at": "2026-11-23T09:02:01.045Z"});
    let (client, nango) = Canned::new([
        ok(r#"[{"name":"A","value":"v"}]"#),
        data(&json!({"id": 3, "name": "staging"})),
        Some((204, String::new())),
        data(&key),
        done(),
        data(&json!({"webhook_signing_key": "w"})),
        ok("[]"),
        data(&json!([])),
    ]);
    assert_eq!(client.environment_variables().await.unwrap()[0].value.expose(), "v");
    assert_eq!(client.create_environment("staging").await.unwrap().id, 3);
    client.delete_environment(3).await.unwrap();
    assert_eq!(client.create_api_key(3, "ci").await.unwrap().secret.expose(), "s");
    client.delete_api_key(3, 5).await.unwrap();
    assert_eq!(client.rotate_webhook_signing_key().await.unwrap().expose(), "w");
    assert!(client.scripts_config().await.unwrap().is_empty());
    assert!(client.openai_functions().await.unwrap().is_empty());
    assert_requests(
        &nango,
        &[
            request("GET /environment-variables", &Value::Null),
            request("POST /environments", &json!({"name": "staging"})),
            request("DELETE /environments/3", &Value::Null),
            request("POST /environment/api-keys", &json!({"environment_id": 3, "display_name": "ci"})),
            request("DELETE /environment/api-keys", &json!({"environment_id": 3, "key_id": 5})),
            request("POST /environment/webhook-signing-key/rotate", &json!({})),
            request("GET /scripts/config", &Value::Null),
            request("GET /scripts/config?format=openai", &Value::Null),
        ],
    );
}

#[tokio::test]
async fn a_session_is_for_all_integrations_only_if_that_is_said_and_read_and_deleted_by_its_token() {
    let session = data(&json!({"token": "t0ken", "expires_at": "2026-11-23T09:02:01.820Z"}));
    let info = data(&json!({"endUser": null, "allowed_integrations": ["slack"], "isReconnecting": true,
        "connectUISettings": {"showWatermark": true, "defaultTheme": "system", "theme": {}}}));
    let gone = Some((401, r#"{"error":{"code":"unknown_connect_session_token"}}"#.to_owned()));
    let (client, nango) = Canned::new([session, info, Some((204, String::new())), gone]);
    let docs = IntegrationDefaults::new().docs_url("https://docs.example");
    let defaults = SessionDefaults::new().integration("slack", docs);
    let session = client.create_connect_session_for_all(&Tags::new(), &defaults).await.unwrap();
    let found = client.connect_session(&session.token).await.unwrap();
    assert!(found.is_reconnect && found.settings.unwrap().shows_watermark);
    client.delete_connect_session(&session.token).await.unwrap();
    let error = client.connect_session(&session.token).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the token of the session (unknown_connect_session_token); it has expired"),
        "{error}"
    );
    assert_requests(
        &nango,
        &[
            request(
                "POST /connect/sessions",
                &json!({"tags": {}, "overrides": {"slack": {"docs_connect": "https://docs.example"}}}),
            ),
            request("GET /connect/session", &Value::Null),
            request("DELETE /connect/session", &Value::Null),
            request("GET /connect/session", &Value::Null),
        ],
    );
    assert_eq!(nango.header(1, "authorization").unwrap(), "Bearer t0ken");
    assert_eq!(nango.header(0, "authorization").unwrap(), "Bearer key");
}

#[tokio::test]
async fn any_other_call_has_the_same_key_errors_and_limits() {
    let refusal = r#"{"error":{"code":"unknown_connection"}}"#.to_owned();
    let (client, nango) = Canned::new([ok(r#"{"a":1}"#), Some((404, refusal))]);
    let request = client.request(Method::POST, "/new/thing").query("limit", 2).connection(&slack());
    let reply = request.json(&json!({"b": 2})).header("x-new", "1").send().await.unwrap();
    assert_eq!(reply.json::<Value>().unwrap()["a"], 1);
    assert_eq!(
        client.request(Method::GET, "new/a%2Fb").send().await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let lines: Vec<_> = nango.requests().into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, ["POST /new/thing?limit=2", "GET /new/a%2Fb"]);
    let header = |name| nango.header(0, name).unwrap();
    assert_eq!(
        [header("x-new"), header("connection-id"), header("authorization")],
        ["1", "a/b", "Bearer key"]
    );
    for path in ["/a/../b", "/%2e%2e/b", "/a?b", "/a\\b"] {
        let error = client.request(Method::GET, path).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
}

#[tokio::test]
async fn ids_stay_in_their_place() {
    let (client, nango) = Canned::new([data(&integration())]);
    let client: &Client = &client;
    client.integration("a/b?c#d").send().await.unwrap();
    assert_eq!(nango.requests()[0].0, "GET /integrations/a%2Fb%3Fc%23d");
    for id in [".", ".."] {
        assert_eq!(client.integration(id).send().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert_eq!(client.delete_integration(id).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert!(client.function("github", id, None).await.is_err());
    }
}
