//! A server that a test plays, and the SQL that servers of different makes have to read.

use std::collections::BTreeSet;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::MySqlStore;
use super::batch::BatchStatements;
use super::dialect::DIALECT;
use crate::shared::{MIGRATIONS, Schema, Statements, Tables};

/// A greeting of MySQL 8 without TLS, for a user whose password is hashed as is the default.
const GREETING: &[u8] = b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\x08\x82\xff\x02\0\x08\0\x15\
    \0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0caching_sha2_password\0";
/// The server does not know the hash yet, and wants the password itself.
const WANTS_THE_PASSWORD: &[u8] = b"\x01\x04";
const PUBLIC_KEY: &[u8] = b"\x01key";

/// Serves connections with these packets. The client sends one after each.
async fn server() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            for (sequence, payload) in [(0, GREETING), (2, WANTS_THE_PASSWORD), (4, PUBLIC_KEY)] {
                let head = [u8::try_from(payload.len()).unwrap(), 0, 0, sequence];
                let _ = connection.write_all(&[&head, payload].concat()).await;
                let _ = connection.read(&mut [0; 1024]).await;
            }
        }
    });
    Ok(format!("mysql://me:c0ffee@127.0.0.1:{port}/test"))
}

#[tokio::test]
async fn a_password_that_mysql_takes_only_encrypted() {
    let error = MySqlStore::connect(&server().await.unwrap()).await.unwrap_err();
    let text = error.to_string().replace(error.place().unwrap(), "HOST");
    assert_eq!(
        text,
        "could not connect to the database at HOST: the server takes the password only encrypted, and the connection \
         has no TLS; enable the feature `rustls` or `native-tls` of nango-sqlx and TLS at the server, or the feature \
         `mysql-rsa` of sqlx"
    );
}

/// Every statement that a store executes.
fn statements() -> Vec<String> {
    let tables = Tables::new(&DIALECT, "nango_");
    let schema = Schema::new(&tables, MIGRATIONS);
    let mut all = Statements::new(&tables).all();
    all.extend(BatchStatements::new(&tables).all());
    all.extend([schema.exists(), schema.applied()]);
    all.extend(schema.after(0));
    let mut all: Vec<_> = all.iter().map(|sql| sql.text().0.to_string()).collect();
    all.extend([super::migrate::LOCK, super::batch::BEGIN].map(str::to_owned));
    all
}

/// What MariaDB reads and MySQL 8 does not, or the other way round, and what one of them deprecates.
const OF_ONE_MAKE: &[&str] = &[
    "->", "AS NEW", "CREATE INDEX IF", "CREATE OR REPLACE", "CREATE SEQUENCE", "CREATE UNIQUE INDEX IF",
    "EXCEPT", "INET6", "INTERSECT", "JSON_DETAILED", "JSON_VALUE", "LATERAL", "MEMBER OF", "NEXT VALUE",
    "NOWAIT", "ON DUPLICATE KEY", "RETURNING", "ROWS EXAMINED", "SKIP LOCKED", "SYSTEM VERSIONING", "UUID",
    "UTF8MB3", "UTF8MB4_0900", "UTF8MB4_UCA1400", "VALUES(", "VALUE(", " WAIT ",
];

/// The reserved words that MySQL has got since 5.7.
const RESERVED_SINCE_8: &[&str] = &[
    "CUBE", "CUME_DIST", "DENSE_RANK", "EMPTY", "EXCEPT", "FIRST_VALUE", "FUNCTION", "GROUPING", "GROUPS",
    "INTERSECT", "LAG", "LAST_VALUE", "LATERAL", "LEAD", "LIBRARY", "MANUAL", "NTH_VALUE", "NTILE", "OF",
    "OVER", "PARALLEL", "PERCENT_RANK", "QUALIFY", "RANK", "RECURSIVE", "ROW", "ROWS", "ROW_NUMBER",
    "SYSTEM", "TABLESAMPLE", "WINDOW",
];

#[test]
fn mariadb_and_mysql_read_every_statement() {
    let all = statements();
    assert!(all.len() > 20, "{}", all.len());
    for sql in &all {
        let code: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap()).collect();
        let upper = code.join(" ").to_uppercase();
        for words in OF_ONE_MAKE {
            assert!(!upper.contains(words), "{words}: {sql}");
        }
        let words: BTreeSet<_> = upper.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for word in RESERVED_SINCE_8 {
            assert!(!words.contains(word), "{word}: {sql}");
        }
    }
}
