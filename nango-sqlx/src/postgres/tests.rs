//! Servers that a test plays.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::PostgresStore;

/// Serves connections with one reply to the first bytes of each, and returns the URL.
async fn server(reply: &'static [u8]) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(reply).await;
        }
    });
    Ok(format!("postgres://me:c0ffee@127.0.0.1:{port}/test"))
}

/// Connects, and returns the text of the error without the place.
async fn refusal(url: &str) -> String {
    let error = PostgresStore::connect(url).await.unwrap_err();
    let place = error.place().unwrap().to_owned();
    error.to_string().replace(&place, "HOST")
}

#[tokio::test]
async fn tls_is_demanded_and_there_is_none() {
    // "N": the server does not offer it.
    let url = server(b"N").await.unwrap();
    let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
    let reason = if has_tls {
        "the URL demands TLS, which the server does not offer; turn TLS on at the server, \
         or set `sslmode=prefer` (PostgreSQL) or `ssl-mode=PREFERRED` (MySQL)"
    } else {
        "the URL demands TLS, which this build does not have; \
         enable the feature `rustls` or `native-tls` of nango-sqlx"
    };
    let expected = format!("could not connect to the database at HOST: {reason}");
    assert_eq!(refusal(&format!("{url}?sslmode=require")).await, expected);
}

#[tokio::test]
#[cfg(any(feature = "rustls", feature = "native-tls"))]
async fn tls_is_offered_and_does_not_work() {
    let url = server(b"S").await.unwrap();
    let text = refusal(&format!("{url}?sslmode=require")).await;
    let reasons = [
        "unexpected end of file; retry; look at the server's log, and check that the port is the database's",
        "the TLS handshake failed; compare the server's certificate and its host name with the TLS options of the URL",
    ];
    assert!(
        reasons.iter().any(|reason| text == format!("could not connect to the database at HOST: {reason}")),
        "{text}"
    );
}

#[tokio::test]
async fn another_server_answers() {
    let url = server(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    assert_eq!(
        refusal(&format!("{url}?sslmode=disable")).await,
        "could not connect to the database at HOST: unexpected end of file; \
         retry; look at the server's log, and check that the port is the database's"
    );
    // An authentication that PostgreSQL does not have.
    let url = server(b"R\0\0\0\x08\0\0\0\x63").await.unwrap();
    assert_eq!(
        refusal(&format!("{url}?sslmode=disable")).await,
        "could not connect to the database at HOST: the server sent what its protocol does not allow; \
         is it PostgreSQL that answers there, without a pooler or proxy in between?"
    );
}
