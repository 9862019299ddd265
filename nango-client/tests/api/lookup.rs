use nango_client::{ConnectionKey, Error, ErrorKind, Lookup, Refresh};

use crate::server::{Server, connection};

async fn look_up(status: u16, body: &str) -> Result<Lookup, Error> {
    let server = Server::json(status, body).await;
    server.client.look_up(&ConnectionKey::new("slack", "c"), Refresh::WhenDue).await
}

fn refusal(code: &str, payload: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"m","payload":{payload}}}}}"#)
}

#[tokio::test]
async fn every_outcome_about_the_connection_is_a_success() {
    assert!(
        matches!(look_up(200, &connection("c")).await, Ok(Lookup::Working(found)) if found.incarnation == 7)
    );
    let broken = refusal("invalid_credentials", &format!(r#"{{"connection":{}}}"#, connection("c")));
    assert!(matches!(look_up(424, &broken).await, Ok(Lookup::Broken(found)) if found.incarnation == 7));
    assert_eq!(look_up(404, &refusal("not_found", "null")).await.unwrap(), Lookup::Missing);
    let unknown = refusal("unknown_provider_config", "{}");
    assert_eq!(look_up(404, &unknown).await.unwrap(), Lookup::UnknownIntegration);
}

#[tokio::test]
async fn a_description_of_another_connection_is_not_believed() {
    let another = refusal("invalid_credentials", &format!(r#"{{"connection":{}}}"#, connection("d")));
    for (status, body) in [(200, connection("d")), (424, another)] {
        assert_eq!(look_up(status, &body).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_response_that_describes_no_connection_is_an_error() {
    for (status, body, kind) in [
        (424, refusal("invalid_credentials", "{}"), ErrorKind::InvalidCredentials),
        (404, "<html>".to_owned(), ErrorKind::Unavailable),
        (200, "<html>".to_owned(), ErrorKind::Unavailable),
        (403, refusal("forbidden", "{}"), ErrorKind::Unauthorized),
    ] {
        assert_eq!(look_up(status, &body).await.unwrap_err().kind(), kind, "{status} {body}");
    }
}

#[tokio::test]
async fn broken_credentials_are_an_error_of_connection_and_not_of_metadata() {
    let key = ConnectionKey::new("slack", "c");
    let broken = refusal("invalid_credentials", &format!(r#"{{"connection":{}}}"#, connection("c")));
    let server = Server::start([(424, "", broken.clone()), (424, "", broken)]).await;
    let error = server.client.connection(&key).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    assert_eq!(server.client.metadata(&key).await.unwrap()["a"], 1);
}

#[tokio::test]
async fn a_refresh_can_be_forced() {
    let server = Server::json(200, &connection("c")).await;
    server.client.look_up(&ConnectionKey::new("slack", "c"), Refresh::Force).await.unwrap();
    assert_eq!(server.lines(), ["GET /connections/c?provider_config_key=slack&force_refresh=true"]);
}
