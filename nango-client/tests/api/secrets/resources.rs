//! Texts of the further resources.

use http::Method;
use nango_client::{
    Client, Credentials, ImportedCredentials, Multipart, NewCredentials, OAuthClient, RetryPolicy, Secret,
    SecretJson, SessionDefaults, Tags,
};
use serde_json::{Map, Value, json};

use super::{EMAIL, ID, PASSWORD, Shown, TOKEN, described, key, tags};
use crate::canned::{Answer, Canned};
use crate::server::Server;

fn ok(body: &Value) -> Answer {
    Some((200, body.to_string()))
}

fn data(data: &Value) -> Answer {
    ok(&json!({ "data": data }))
}

pub(super) async fn show(shown: &mut Shown) {
    shown.debug(&Secret::new(TOKEN));
    shown.debug(&RetryPolicy::BACKGROUND);
    show_rate_limit(shown).await;
    show_credentials(shown).await;
    show_requests(shown);
    show_proxied(shown).await;
    show_integrations(shown).await;
    show_functions(shown).await;
    show_environments(shown).await;
}

/// Returns a connection with these credentials, each field of which is a secret.
fn details(mode: &str, fields: &[&str]) -> Answer {
    let mut credentials = Map::from_iter(fields.iter().map(|field| ((*field).to_owned(), json!(TOKEN))));
    credentials.extend([
        ("type".to_owned(), json!(mode)),
        ("raw".to_owned(), json!({"by": EMAIL})),
        ("note".to_owned(), json!(PASSWORD)),
    ]);
    let mut found = described();
    (found["credentials"], found["note"]) = (credentials.into(), json!(PASSWORD));
    (found["webhook_url_override"], found["updated_at"]) = (json!(TOKEN), json!("2026-11-23T09:02:01Z"));
    found["end_user"]["organization"]["display_name"] = json!(EMAIL);
    ok(&found)
}

async fn show_credentials(shown: &mut Shown) {
    for (mode, fields) in [
        ("API_KEY", &["apiKey"][..]),
        ("APP", &["access_token", "jwtToken"]),
        ("APP_STORE", &["access_token", "private_key"]),
        ("AWS_SIGV4", &["access_key_id", "secret_access_key", "session_token", "role_arn"]),
        ("BASIC", &["username", "password"]),
        ("BILL", &["username", "password", "organization_id", "dev_key"]),
        ("CUSTOM", &["app"]),
        ("JWT", &["token", "privateKey"]),
        ("OAUTH1", &["oauth_token", "oauth_token_secret"]),
        ("OAUTH2", &["access_token", "refresh_token"]),
        ("OAUTH2_CC", &["token", "client_id", "client_secret"]),
        ("SIGNATURE", &["username", "password"]),
        ("TBA", &["token_id", "token_secret"]),
        ("TWO_STEP", &["token", "apiUser"]),
        (TOKEN, &["token"]),
        ("OAUTH1", &[]),
    ] {
        let (client, _) = Canned::new([details(mode, fields)]);
        let found = client.connection_details(&key()).send().await.unwrap();
        shown.debug(&found);
        let end_user = found.connection.end_user.as_ref().unwrap();
        shown.debug(end_user);
        shown.debug(end_user.organization.as_ref().unwrap());
        shown.debug(&found.credentials);
        if let Some(raw) = found.credentials.raw() {
            shown.debug::<SecretJson>(raw);
        }
        match &found.credentials {
            Credentials::ApiKey(found) => shown.debug(found),
            Credentials::App(found) => shown.debug(found),
            Credentials::AppStore(found) => shown.debug(found),
            Credentials::AwsSigV4(found) => shown.debug(found),
            Credentials::Basic(found) => shown.debug(found),
            Credentials::Bill(found) => shown.debug(found),
            Credentials::Custom(found) => shown.debug(found),
            Credentials::Jwt(found) => {
                shown.debug(found);
                shown.debug(&found.extra);
            }
            Credentials::OAuth1(found) => shown.debug(found),
            Credentials::OAuth2(found) => shown.debug(found),
            Credentials::OAuth2Client(found) => shown.debug(found),
            Credentials::Signature(found) => shown.debug(found),
            Credentials::Tba(found) => shown.debug(found),
            Credentials::TwoStep(found) => shown.debug(found),
            Credentials::Other(found) => {
                shown.debug(found);
                shown.debug(&found.auth_mode);
            }
            other => shown.debug(other),
        }
    }
    let (client, _) = Canned::new([ok(&json!({
        "id": 7, "connection_id": ID, "provider_config_key": "slack", "provider": "slack", "updated_at": "2026-11-23T09:02:01Z",
        "created": "2026-11-23T09:02:01Z", "credentials": {
            "type": "OAUTH2", "access_token": TOKEN, "config_override": {"client_id": TOKEN, "note": PASSWORD},
        },
    }))]);
    let found = client.connection_details(&key()).send().await.unwrap();
    if let Credentials::OAuth2(tokens) = &found.credentials {
        shown.debug(tokens.config_override.as_ref().unwrap());
    }
}

fn show_requests(shown: &mut Shown) {
    let client = Client::new("http://127.0.0.1:1", TOKEN).unwrap();
    let metadata = || Map::from_iter([(EMAIL.to_owned(), json!(TOKEN))]);
    let credentials = ImportedCredentials::Basic { username: EMAIL.into(), password: PASSWORD.into() };
    shown.debug(&credentials);
    let import = client.import_connection("slack", credentials).id(ID).tags(&tags()).webhook_url(TOKEN);
    shown.debug(&import.metadata(metadata()).config(metadata()));
    shown.debug(&client.update_connection(&key()).tags(&tags()).webhook_url(Some(TOKEN)));
    shown.debug(&client.connection_details(&key()).force_refresh());
    shown.debug(&client.connections().tag("end_user_email", EMAIL).stream());
    let app = OAuthClient::new(TOKEN, PASSWORD).scopes(["a"]);
    shown.debug(&app);
    let credentials = NewCredentials::OAuth2(app);
    shown.debug(&credentials);
    let create = client.create_integration("slack", "slack").credentials(credentials.clone());
    shown.debug(&create.config("password", PASSWORD).custom("password", PASSWORD));
    shown.debug(&client.update_integration("slack").credentials(credentials));
    shown.debug(&client.integration("slack").with_credentials());
    shown.debug(&client.functions("slack"));
    let request = client.request(Method::GET, format!("/users/{EMAIL}")).query("token", TOKEN);
    shown.debug(&request.header("x-password", PASSWORD).json(&json!({"by": EMAIL})));
}

async fn show_rate_limit(shown: &mut Shown) {
    let headers = "x-ratelimit-remaining: 150\r\nx-ratelimit-reset: 1\r\n";
    let server = Server::start([(200, headers, r#"{"data":[]}"#.to_owned())]).await;
    server.client.integrations().await.unwrap();
    shown.debug(&server.client.rate_limit_state().unwrap());
}

async fn show_proxied(shown: &mut Shown) {
    let (client, _) = Canned::new([ok(&json!({"token": TOKEN}))]);
    let form = Multipart::new().text(EMAIL, TOKEN).file("file", PASSWORD, "text/plain", TOKEN);
    shown.debug(&form);
    let request = client.proxy(&key()).post("/users").raw_query(TOKEN);
    shown.debug(&request.clone().multipart(form));
    shown.error(&request.clone().base_url(&format!("https://{PASSWORD}.example")).send().await.unwrap_err());
    shown.debug(&request.send_streamed().await.unwrap());
    let builder = Client::builder("https://nango.test", TOKEN)
        .allow_base_urls([format!("https://u:{PASSWORD}@x.example")]);
    shown.debug(&builder);
    shown.error(&builder.build().unwrap_err());
}

async fn show_integrations(shown: &mut Shown) {
    let (client, _) = Canned::new([
        data(&json!({
            "unique_key": "slack", "provider": "slack", "display_name": "Slack", "webhook_url": TOKEN, "note": PASSWORD,
            "credentials": {"type": TOKEN, "client_id": TOKEN, "client_secret": PASSWORD, "scopes": TOKEN, "note": EMAIL},
        })),
        data(&json!({
            "name": "slack", "display_name": "Slack", "auth_mode": TOKEN, "note": PASSWORD,
            "credentials": {"apiKey": {"type": "string", "title": "Key", "description": TOKEN, "note": PASSWORD}},
        })),
        data(&json!({"token": TOKEN, "expires_at": "2026-11-23T09:02:01Z"})),
        data(
            &json!({"endUser": {"email": EMAIL}, "note": PASSWORD, "connectUISettings": {"defaultTheme": TOKEN, "note": TOKEN}}),
        ),
        ok(&json!({"token": TOKEN})),
    ]);
    let found = client.integration("slack").send().await.unwrap();
    shown.debug(&found);
    shown.debug(found.credentials.as_ref().unwrap());
    let found = client.provider("slack").await.unwrap();
    shown.debug(&found);
    shown.debug(&found.credentials["apiKey"]);
    let session = client.create_connect_session_for_all(&Tags::new(), &SessionDefaults::new()).await.unwrap();
    let found = client.connect_session(&session.token).await.unwrap();
    shown.debug(&found);
    shown.debug(found.settings.as_ref().unwrap());
    shown.debug(&client.request(Method::GET, "/new").send().await.unwrap());
}

async fn show_functions(shown: &mut Shown) {
    let function = json!({"name": "issues", "type": format!("by {EMAIL}"), "description": TOKEN, "id": 7, "enabled": true,
        "last_deployed": "2026-11-23T09:02:01Z", "note": PASSWORD});
    let script = json!({"name": "issues", "type": TOKEN, "description": TOKEN, "note": PASSWORD, "models": [{"name": "A", "note": TOKEN}]});
    let (client, _) = Canned::new([
        ok(
            &json!({"data": [function], "pagination": {"total": 1, "page": 0, "limit": 20, "note": TOKEN}, "note": TOKEN}),
        ),
        data(&json!([{"name": "issues", "type": "sync", "note": TOKEN}])),
        ok(&json!({"type": "sync", "code": TOKEN})),
        ok(&json!([{"providerConfigKey": "slack", "syncs": [script], "actions": [], "note": TOKEN}])),
        data(&json!([{"name": "issues", "description": TOKEN, "parameters": {"by": EMAIL}, "note": TOKEN}])),
    ]);
    let page = client.functions("slack").send().await.unwrap();
    shown.debug(&page);
    shown.debug(&page.functions[0]);
    shown.debug(&page.functions[0].kind);
    shown.debug(&page.pagination);
    shown.debug(&client.provider_templates("slack").await.unwrap()[0]);
    shown.debug(&client.function_code("slack", "issues", None).await.unwrap());
    let scripts = client.scripts_config().await.unwrap();
    shown.debug(&scripts[0]);
    shown.debug(&scripts[0].syncs[0]);
    shown.debug(&scripts[0].syncs[0].models[0]);
    shown.debug(&client.openai_functions().await.unwrap()[0]);
}

async fn show_environments(shown: &mut Shown) {
    let (client, _) = Canned::new([
        ok(&json!([{"name": "A", "value": TOKEN, "note": TOKEN}])),
        data(&json!({"id": 3, "name": "staging", "note": TOKEN})),
        data(
            &json!({"id": 5, "display_name": "ci", "scopes": [], "secret": TOKEN, "created_at": "2026-11-23T09:02:01Z"}),
        ),
    ]);
    shown.debug(&client.environment_variables().await.unwrap()[0]);
    shown.debug(&client.create_environment("staging").await.unwrap());
    shown.debug(&client.create_api_key(3, "ci").await.unwrap());
}
