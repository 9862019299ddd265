//! Lists the connections of an integration, or prints the records of a model as JSON lines.
//!
//! ```text
//! export NANGO_HOST=http://localhost:3003 NANGO_SECRET_KEY=..
//! cargo run -p nango-client --example records -- github
//! cargo run -p nango-client --example records -- github CONNECTION Issue [CURSOR] [--follow]
//! ```
//!
//! Each line has the record's position, from which a later call goes on. With `--follow` the program prints
//! what changes, until it is ended.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use nango_client::{Client, ConnectionKey, Cursor, Record, RecordData};
use serde_json::{Value, json};

const USAGE: &str = "usage: records INTEGRATION [CONNECTION MODEL [CURSOR] [--follow]]";

/// The pause between two rounds of `--follow`.
const PAUSE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = env::var("NANGO_HOST").unwrap_or_else(|_| "https://api.nango.dev".to_owned());
    let client = Client::new(&host, env::var("NANGO_SECRET_KEY")?)?.background();
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    run(&client, &arguments, &mut io::stdout().lock()).await
}

pub(crate) async fn run(
    client: &Client,
    arguments: &[&str],
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    match *arguments {
        [integration] => list_connections(client, integration, out).await,
        [integration, connection, model, ref rest @ ..] => {
            let (cursor, follows) = match *rest {
                [] => (None, false),
                ["--follow"] => (None, true),
                [cursor] => (Some(cursor), false),
                [cursor, "--follow"] => (Some(cursor), true),
                _ => return Err(USAGE.into()),
            };
            let key = ConnectionKey::new(integration, connection);
            print_records(client, &key, model, cursor.map(Cursor::from), follows, out).await
        }
        _ => Err(USAGE.into()),
    }
}

async fn list_connections(
    client: &Client,
    integration: &str,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut pages = client.connections().integration(integration).pages();
    while let Some(page) = pages.next_page().await? {
        for connection in page {
            writeln!(out, "{}", connection.key.connection_id())?;
        }
    }
    Ok(())
}

async fn print_records(
    client: &Client,
    key: &ConnectionKey,
    model: &str,
    cursor: Option<Cursor>,
    follows: bool,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let list = client.records::<Value>(key, model).after(cursor).limit(1000);
    if !follows {
        let mut pages = list.pages();
        while let Some(page) = pages.next_page().await? {
            page.into_iter().try_for_each(|record| writeln!(out, "{}", line(record)))?;
        }
        return Ok(());
    }
    // A reader goes back a little in each round, for records that a parallel save has committed late.
    let mut reader = list.reader();
    loop {
        while let Some(page) = reader.next_page().await? {
            page.into_iter().try_for_each(|record| writeln!(out, "{}", line(record)))?;
        }
        out.flush()?;
        tokio::time::sleep(PAUSE).await;
    }
}

fn line(record: Record<Value>) -> Value {
    let metadata = record.metadata;
    let data = match record.data {
        RecordData::Present(data) => Some(data),
        RecordData::Deleted(last) => last,
        RecordData::Pruned | RecordData::Unreadable(_) => None,
    };
    json!({
        "id": record.id,
        "action": metadata.last_action.as_str(),
        "modified_at": metadata.last_modified_at,
        "data": data,
        "cursor": metadata.cursor,
    })
}
