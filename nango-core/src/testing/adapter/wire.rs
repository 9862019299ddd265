//! A client that sends a request over TCP byte for byte.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The deadline of a reply.
const REPLY_WITHIN: Duration = Duration::from_secs(30);

/// Sends a request to the server at this address, on a connection of its own, and reads the reply
/// to its end.
///
/// Adds only `host`, `connection: close` and the framing of the body: chunks if the request has the
/// header `transfer-encoding: chunked`, and its length otherwise. A server may answer and hang up
/// before it has read the body.
pub async fn send(server: SocketAddr, request: Request<Bytes>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let mut message = BytesMut::new();
    message.extend_from_slice(format!("{} {} HTTP/1.1\r\n", head.method, head.uri).as_bytes());
    let mut line = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            message.extend_from_slice(part);
        }
    };
    if !head.headers.contains_key("host") {
        line("host", server.to_string().as_bytes());
    }
    line("connection", b"close");
    for (name, value) in &head.headers {
        line(name.as_str(), value.as_bytes());
    }
    let chunked = head.headers.contains_key("transfer-encoding");
    if !chunked && !head.headers.contains_key("content-length") && !body.is_empty() {
        line("content-length", body.len().to_string().as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    if chunked {
        for piece in body.chunks(7_000) {
            message.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            message.extend_from_slice(piece);
            message.extend_from_slice(b"\r\n");
        }
        message.extend_from_slice(b"0\r\n\r\n");
    } else {
        message.extend_from_slice(&body);
    }
    let exchange = exchange(server, message.freeze(), &head.method);
    let reply = timeout(REPLY_WITHIN, exchange).await.unwrap_or_else(|_| panic!("no reply to {}", head.uri));
    reply.unwrap_or_else(|what| panic!("{what} in the reply to {}", head.uri))
}

/// Writes and reads concurrently: a server may answer before it has read the body, and hang up
/// later.
async fn exchange(
    server: SocketAddr,
    message: Bytes,
    method: &Method,
) -> Result<Response<Bytes>, &'static str> {
    let (mut from, mut to) = TcpStream::connect(server).await.unwrap().into_split();
    let writing = tokio::spawn(async move {
        // Fails when the server hangs up on a refused body.
        let _ = to.write_all(&message).await;
        to
    });
    let mut reply = Vec::new();
    // A reset ends the reply like a close.
    while let Ok(1..) = from.read_buf(&mut reply).await {
        // Only a closed connection shows that a bodiless reply has no body.
        let whole = |reply: Response<Bytes>| !is_bodiless(method, &reply);
        if read(method, &reply).is_ok_and(whole) {
            break;
        }
    }
    writing.abort();
    read(method, &reply)
}

/// Parses a reply, and checks that its framing fits its body.
fn read(method: &Method, reply: &[u8]) -> Result<Response<Bytes>, &'static str> {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no end of the head")?;
    let (head, body) = (&reply[..end], &reply[end + 4..]);
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = lines.next().and_then(|line| line.get(9..12)).ok_or("no status")?;
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::from_bytes(status).map_err(|_| "no status")?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':').ok_or("a header without a colon")?;
        let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| "a broken header name")?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        response.headers_mut().append(name, value.map_err(|_| "a broken header value")?);
    }
    let length =
        response.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    let bodiless = is_bodiless(method, &response);
    if bodiless && !body.is_empty() {
        return Err("a body that must not be");
    }
    if !bodiless && length != Some(body.len()) {
        return Err("a length that is not the body's");
    }
    *response.body_mut() = Bytes::copy_from_slice(body);
    Ok(response)
}

fn is_bodiless(method: &Method, reply: &Response<Bytes>) -> bool {
    method == Method::HEAD || reply.status() == http::StatusCode::NO_CONTENT
}
