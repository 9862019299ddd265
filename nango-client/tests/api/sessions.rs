use nango_client::{ConnectionKey, ErrorKind, IntegrationDefaults, SessionDefaults, Tags};

use crate::server::{Prepared, Server};

fn created() -> Prepared {
    (201, "", r#"{"data":{"token":"t0ken","expires_at":"2026-11-23T09:02:01.820Z"}}"#.to_owned())
}

#[tokio::test]
async fn both_kinds_of_session_carry_tags_and_the_defaults_of_their_integrations() {
    let server = Server::start([created(), created()]).await;
    let (mut tags, client) = (Tags::new(), &server.client);
    tags.insert("end_user_id", "alice").unwrap();
    let slack = IntegrationDefaults::new()
        .user_scopes("channels:read")
        .authorization_param("prompt", "consent")
        .connection_config("subdomain", "acme");
    let defaults = SessionDefaults::new()
        .integration("slack", slack)
        .integration("google", IntegrationDefaults::new())
        .webhook_url("https://app.example/hook");
    let session = client.create_connect_session(&tags, &["slack", "github"], &defaults).await.unwrap();
    assert_eq!(session.token.expose(), "t0ken");
    assert!(!format!("{session:?}").contains("t0ken"));
    let key = ConnectionKey::new("github", "c");
    client.create_reconnect_session(&key, &tags, &SessionDefaults::new()).await.unwrap();
    assert_eq!(server.lines(), ["POST /connect/sessions", "POST /connect/sessions/reconnect"]);
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(
        bodies,
        [
            concat!(
                r#"{"tags":{"end_user_id":"alice"},"allowed_integrations":["slack","github"],"#,
                r#""integrations_config_defaults":{"slack":{"user_scopes":"channels:read","#,
                r#""authorization_params":{"prompt":"consent"},"connection_config":{"subdomain":"acme"}}},"#,
                r#""webhook_url_override":"https://app.example/hook"}"#,
            ),
            r#"{"connection_id":"c","integration_id":"github","tags":{"end_user_id":"alice"}}"#,
        ]
    );
}

#[tokio::test]
async fn a_session_for_no_integration_is_not_requested() {
    let server = Server::start([]).await;
    let session = server.client.create_connect_session(&Tags::new(), &[], &SessionDefaults::new()).await;
    assert_eq!(session.unwrap_err().kind(), ErrorKind::InvalidRequest);
}
