use nango_client::{ConnectionKey, Error, ErrorKind, Token};

use crate::server::Server;

async fn token(credentials: &str) -> Result<Token, Error> {
    let server = Server::json(200, &format!(r#"{{"id":7,"credentials":{credentials}}}"#)).await;
    server.client.token(&ConnectionKey::new("slack", "c")).await
}

#[tokio::test]
async fn a_token_is_read_in_each_of_its_places() {
    for credentials in [
        r#"{"type":"OAUTH2","access_token":"f00d","expires_at":"2026-11-23T09:02:01.820Z"}"#,
        r#"{"type":"API_KEY","apiKey":"f00d"}"#,
        r#"{"type":"APP_STORE","token":"f00d"}"#,
    ] {
        let token = token(credentials).await.unwrap();
        assert_eq!((token.expose(), token.incarnation()), ("f00d", 7));
        assert_eq!(token.expires_at().is_some(), credentials.contains("expires_at"));
        assert!(!format!("{token:?}").contains("f00d"));
    }
}

#[tokio::test]
async fn credentials_without_a_token_differ_from_credentials_that_are_withheld() {
    let basic = token(r#"{"type":"BASIC","username":"u","password":"p"}"#).await;
    assert_eq!(basic.unwrap_err().kind(), ErrorKind::NotATokenCredential);
    assert_eq!(token("{}").await.unwrap_err().kind(), ErrorKind::Unauthorized);
}
