//! An app that waits, on Axum and SQLite alone. A process that `nango-bench run` starts.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use nango_core::{Nango, SigningKeys, TagMapper};
use nango_sqlx::SqliteStore;
use serde::Deserialize;
use tokio::net::TcpListener;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Deserialize)]
struct Settings {
    /// `None` for an app by hand, which does nothing but listen.
    ours: Option<Ours>,
}

#[derive(Deserialize)]
struct Ours {
    nango: Upstream,
    database: String,
    has_sweeper: bool,
    connections: usize,
}

/// An emulated Nango.
#[derive(Deserialize)]
struct Upstream {
    url: String,
    secret_key: String,
    signing_key: String,
}

/// A user, logged in by a header.
#[derive(TagMapper)]
struct User {
    #[nango(id)]
    id: String,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
        id.map(|id| Self { id: id.to_owned() }).ok_or(StatusCode::UNAUTHORIZED)
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let settings = std::env::args().nth(1).ok_or("a process of `nango-bench run`")?;
    let settings: Settings = serde_json::from_str(&settings)?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().lock().read(&mut [0]);
        std::process::exit(0);
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let Some(Ours { nango, database, has_sweeper, connections }) = settings.ours else {
        ready()?;
        return Ok(axum::serve(listener, Router::new()).await?);
    };
    let keys = SigningKeys::new([&*nango.signing_key])?;
    let store = SqliteStore::connect(&database).await?;
    let nango = Nango::builder(&*nango.secret_key, keys, store)
        .host(&nango.url)
        .allowed_integrations(["openai"])
        .entity::<User>()
        .build()?;
    // In a task, as the sweeper's are.
    let swept = tokio::spawn({
        let nango = nango.clone();
        async move { nango.sweep().run().await }
    });
    let found = swept.await??.missing_in_store.count;
    // One of thousands of such sweeps takes two connections for one, and the next sweep finds the other.
    if found + 1 < connections {
        return Err(format!("the sweep has found {found} connections").into());
    }
    // Until it is dropped it runs, and it is not.
    let _sweeper = has_sweeper.then(|| nango.spawn_sweeper(Duration::from_secs(60 * 60)));
    ready()?;
    Ok(axum::serve(listener, Router::new().nest("/nango", nango_axum::router::<User, _>(nango))).await?)
}

/// Prints the line that the other process waits for.
fn ready() -> Outcome<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "null")?;
    Ok(stdout.flush()?)
}
