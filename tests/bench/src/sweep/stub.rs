//! A server that knows Nango's list of connections alone, and writes its pages at once.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::outcome::Outcome;

/// Serves so many connections, newest first, until it is killed.
pub(crate) fn serve(connections: u32) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let connections = u64::from(connections);
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("url=http://{}\nsecret_key=c0ffee", listener.local_addr()?);
        loop {
            let (client, _) = listener.accept().await?;
            tokio::spawn(async move {
                // A client that goes ends its connection.
                let _ = answer(client, connections).await;
            });
        }
    })
}

async fn answer(mut client: TcpStream, connections: u64) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let length = client.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..length]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&request);
        let parameter = |name| number(&text, name);
        let (page, limit) = (parameter("page=").unwrap_or(0), parameter("limit=").unwrap_or(100));
        let body = body(connections, page, limit);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-ratelimit-limit: 1000000\r\n\
                    x-ratelimit-remaining: 999999\r\nx-ratelimit-reset: 60\r\ncontent-length: ";
        client.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await?;
        request.clear();
    }
}

fn number(request: &str, name: &str) -> Option<u64> {
    let rest = &request[request.find(name)? + name.len()..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

/// A page, with the fields of Nango's.
fn body(connections: u64, page: u64, limit: u64) -> String {
    let newest = connections.saturating_sub(page * limit);
    let oldest = newest.saturating_sub(limit);
    let mut body = String::from(r#"{"connections":["#);
    for n in (oldest + 1..=newest).rev() {
        let comma = if n == newest { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(
            body,
            "{comma}{{\"id\":{n},\"connection_id\":\"{n:08x}-7b1d-4a53-9c1e-2f0d8e6b5a47\",\
             \"provider_config_key\":\"openai\",\"provider\":\"openai\",\"errors\":[],\"end_user\":null,\
             \"tags\":{{\"end_user_id\":\"user-{n}\",\"end_user_email\":\"user-{n}@example.com\",\
             \"owner_kind\":\"user\"}},\"metadata\":null,\"created\":\"2026-11-23T09:02:01.820+00:00\"}}"
        );
    }
    body.push_str("]}");
    body
}
