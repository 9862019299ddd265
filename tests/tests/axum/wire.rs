//! The requests to Nango, byte for byte.

use std::sync::{Arc, Mutex};

use nango_core::MemoryStore;
use nango_emulator::{Credentials, Emulator};
use nango_tests::{User, nango_builder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Relays connections, and writes down what the client sends.
async fn relay(to: String) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = sent.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&to).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            let log = log.clone();
            tokio::spawn(async move {
                let mut piece = [0; 65_536];
                while let Ok(length @ 1..) = from_client.read(&mut piece).await {
                    log.lock().unwrap().extend_from_slice(&piece[..length]);
                    to_server.write_all(&piece[..length]).await.unwrap();
                }
            });
        }
    });
    (address, sent)
}

/// The file was written before there were attempts: without them, nothing has changed for Nango.
#[tokio::test]
async fn without_attempts_the_requests_are_what_they_were() {
    let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    let server = emulator.local_url().trim_start_matches("http://").to_owned();
    let (address, sent) = relay(server).await;
    let builder = nango_builder(&emulator, MemoryStore::new()).host(format!("http://{address}"));
    let nango = builder.entity::<User>().build().unwrap();
    let alice = User::named("alice").unwrap();

    let session = nango.connect_session(&alice).integrations(["slack", "openai"]).create().await.unwrap();
    let token = session.token.expose();
    let id = emulator.connect(token, "openai", Credentials::api_key("one")).await.unwrap().connection_id;
    nango.sync(&alice).await.unwrap();
    let connection = nango.connection(&alice, "openai").await.unwrap();
    let connection = connection.check().await.unwrap();
    let again = connection.reconnect().await.unwrap();
    emulator.connect(again.token.expose(), "openai", Credentials::api_key("two")).await.unwrap();
    nango.sync(&alice).await.unwrap();
    nango.connection(&alice, "openai").await.unwrap().disconnect().await.unwrap();

    let sent = String::from_utf8(sent.lock().unwrap().clone()).unwrap();
    let sent = sent.replace(&address, "HOST").replace(emulator.secret_key(), "KEY").replace(&id, "ID");
    let sent = sent.replace('\r', "");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/axum/wire/requests.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &sent).unwrap();
    }
    assert_eq!(sent, std::fs::read_to_string(file).unwrap());
}
