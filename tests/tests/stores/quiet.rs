//! Starts of a store leave nothing in PostgreSQL's log: no notice, and no statement that fails.

use std::sync::{Arc, Mutex};

use nango_sqlx::{Options, PostgresStore};
use nango_tests::Database;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::postgres::url;

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn starts_of_a_store_are_not_in_the_log_of_the_server() {
    let database = Database::create(&url()).await;
    let recorder = Recorder::start(database.url().parse().unwrap()).await;
    for options in [Options::new(), Options::new(), Options::new().migrate(false)] {
        let pool = PgPool::connect_with(recorder.options.clone()).await.unwrap();
        PostgresStore::new_with(pool.clone(), &options).await.unwrap();
        pool.close().await;
    }
    assert_eq!(recorder.recorded(), Vec::<String>::new());

    // Both are seen where there are any.
    let mut connection = PgConnection::connect_with(&recorder.options).await.unwrap();
    sqlx::raw_sql("DROP TABLE IF EXISTS unknown").execute(&mut connection).await.unwrap();
    sqlx::raw_sql("SELECT * FROM unknown").execute(&mut connection).await.unwrap_err();
    let expected = ["table \"unknown\" does not exist, skipping", "relation \"unknown\" does not exist"];
    assert_eq!(recorder.recorded(), expected);
}

/// Stands between clients and a server, and keeps the notices and errors that the server sends.
struct Recorder {
    /// The options for connections through it.
    options: PgConnectOptions,
    messages: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    async fn start(server: PgConnectOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = server.clone().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
        let messages = Arc::<Mutex<Vec<String>>>::default();
        let to = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((server.get_host(), server.get_port())).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(copy(from_client, to_server));
                tokio::spawn(record(from_server, to_client, Arc::clone(&to)));
            }
        });
        Self { options, messages }
    }

    fn recorded(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

/// Forwards the messages of a server: a type, a length that includes itself, and a body.
async fn record(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, messages: Arc<Mutex<Vec<String>>>) {
    let mut head = [0; 5];
    while from.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes(head[1..].try_into().unwrap());
        let mut body = vec![0; length as usize - 4];
        from.read_exact(&mut body).await.unwrap();
        if b"EN".contains(&head[0]) {
            // Fields that end with a zero, each after its type. `M` is the text.
            let text = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M")).unwrap();
            messages.lock().unwrap().push(String::from_utf8_lossy(text).into_owned());
        }
        if to.write_all(&[&head[..], &body].concat()).await.is_err() {
            return;
        }
    }
}
