//! Proxied calls: options, bodies of every kind, and replies in parts.

use std::collections::VecDeque;
use std::task::Poll;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use nango_client::{
    Client, ConnectionKey, Error, ErrorKind, HttpOptions, Multipart, ProxyRequest, ResponseBody, Transport,
    TransportError,
};

use crate::canned::{Canned, ok};
use crate::server::{Prepared, Server};

fn drive() -> ConnectionKey {
    ConnectionKey::new("drive", "c")
}

fn post(client: &Client) -> ProxyRequest {
    client.proxy(&drive()).post("/files")
}

#[tokio::test]
async fn options_are_headers_of_nangos_and_others_are_the_providers() {
    let (client, nango) = Canned::new([ok("{}")]);
    let mut headers = HeaderMap::new();
    headers.append("accept", "text/csv".parse().unwrap());
    headers.append("x-many", "1".parse().unwrap());
    headers.append("x-many", "2".parse().unwrap());
    let report = Method::from_bytes(b"REPORT").unwrap();
    let request =
        client.proxy(&drive()).request(report, "/calendars").headers(&headers).raw_query("?a=1&b=%20");
    let request = request.retries(2).retry_on([StatusCode::NOT_FOUND, StatusCode::CONFLICT]);
    let _ = request.decompress().forward_headers_on_redirect().send().await.unwrap();
    assert_eq!(nango.requests()[0].0, "REPORT /proxy/calendars?a=1&b=%20");
    for (name, value) in [
        ("nango-proxy-accept", "text/csv"),
        ("retries", "2"),
        ("retry-on", "404,409"),
        ("decompress", "true"),
        ("forward-headers-on-redirect", "true"),
    ] {
        assert_eq!(nango.header(0, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(nango.header(0, "accept"), None);
    let (client, nango) = Canned::new([]);
    for query in ["a#b", "a\nb"] {
        assert!(post(&client).raw_query(query).send().await.is_err());
    }
    assert!(nango.requests().is_empty());
}

#[tokio::test]
async fn a_base_address_is_sent_only_if_the_client_allows_it() {
    let server = Server::json(200, "{}").await;
    let builder = || Client::builder(&*server.host, "key").allow_base_urls(["https://eu.example/v2"]);
    let client = builder().build().unwrap().background().with_key("other").unwrap();
    for url in [
        "https://eu.example/v3",
        "https://eu.example.evil/v2",
        "http://eu.example/v2",
        "https://eu.example/v2/..",
        "",
    ] {
        let error = post(&client).base_url(url).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
    }
    let _ = post(&client).base_url("https://eu.example/v2").send().await.unwrap();
    assert!(server.requests()[0].head.contains("base-url-override: https://eu.example/v2"));
    for url in ["http://eu.example", "https://u:p@eu.example", "https://eu.example/?a", "eu.example", ""] {
        assert!(builder().allow_base_urls([url]).build().is_err(), "{url}");
    }
    assert!(builder().allow_base_urls(["http://localhost:9310/api"]).build().is_ok());
}

#[tokio::test]
async fn forms_and_files_are_sent_as_such() {
    let (client, nango) = Canned::new([ok("{}"), ok("{}"), ok("{}")]);
    let _ = post(&client).form([("a b", "1&2"), ("c", "é")]).send().await.unwrap();
    let form = Multipart::new().text("title", "x").file("file", "a.csv", "text/csv", "1,2");
    let _ = post(&client).multipart(form).send().await.unwrap();
    let mut parts = VecDeque::from(["one ", "two"]);
    let poll = move |_: &mut std::task::Context<'_>| {
        Poll::Ready(parts.pop_front().map(|part| Ok::<_, std::io::Error>(Bytes::from(part))))
    };
    let _ = post(&client).send_parts("text/plain", poll).await.unwrap();
    let requests = nango.requests();
    assert_eq!(requests[0].1, "a+b=1%262&c=%C3%A9");
    assert_eq!(nango.header(0, "content-type").unwrap(), "application/x-www-form-urlencoded");
    let content_type = nango.header(1, "content-type").unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert!(requests[1].1.ends_with(&format!("content-type: text/csv\r\n\r\n1,2\r\n--{boundary}--\r\n")));
    assert_eq!(requests[2].1, "one two");
}

#[tokio::test]
async fn a_body_that_fails_or_is_too_large_is_not_sent() {
    let (client, nango) = Canned::new([]);
    let failing = |_: &mut std::task::Context<'_>| Poll::Ready(Some(Err("c0ffee")));
    let error = post(&client).send_parts("text/plain", failing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(!error.to_string().contains("c0ffee") && error.raw_source().is_some());
    let part = Bytes::from(vec![0; 1_000_000]);
    let endless = |_: &mut std::task::Context<'_>| Poll::Ready(Some(Ok::<_, std::io::Error>(part.clone())));
    let error = post(&client).send_parts("text/plain", endless).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(nango.requests().is_empty());
}

async fn streamed(prepared: Prepared) -> Result<(StatusCode, usize, Vec<u8>), Error> {
    let server = Server::start([prepared]).await;
    let mut reply = server.client.proxy(&drive()).get("/files/1").send_streamed().await?;
    let (status, mut parts, mut body) = (reply.status(), 0, Vec::new());
    while let Some(part) = reply.next().await {
        parts += 1;
        body.extend_from_slice(&part?);
    }
    assert!(reply.next().await.is_none());
    Ok((status, parts, body))
}

#[tokio::test]
async fn a_reply_of_any_size_is_streamed() {
    let body = "x".repeat(40 * 1024 * 1024);
    let (status, parts, found) = streamed((200, "", body.clone())).await.unwrap();
    assert!(status == 200 && parts > 10 && found == body.as_bytes());
}

#[tokio::test]
async fn the_error_of_a_provider_is_streamed_and_nangos_is_an_error() {
    for body in [r#"{"message":"not here"}"#.to_owned(), "x".repeat(100_000)] {
        let (status, _, found) = streamed((404, "", body.clone())).await.unwrap();
        assert!(status == 404 && found == body.as_bytes());
    }
    let server = Server::start([(404, "", "x".to_owned()), (200, "", "x".to_owned())]).await;
    for expected in [Err(ErrorKind::Refused), Ok(())] {
        let reply = server.client.proxy(&drive()).get("/files/1").send_streamed().await.unwrap();
        assert_eq!(reply.error_for_status().map(drop).map_err(|error| error.kind()), expected);
    }
    let refused = r#"{"error":{"code":"unknown_provider_config"}}"#.to_owned();
    assert_eq!(streamed((404, "", refused)).await.unwrap_err().kind(), ErrorKind::Refused);
    let page = "<pre>Cannot GET /proxy/files/1</pre>".to_owned();
    assert_eq!(streamed((404, "", page)).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

/// Answers with a body that breaks off after its first part.
struct Broken;

impl Transport for Broken {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let mut parts = VecDeque::from([Ok(Bytes::from("x")), Err(TransportError::new("c0ffee"))]);
        Ok(Response::new(ResponseBody::new(move |_| Poll::Ready(parts.pop_front()))))
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_an_error_of_the_stream_and_ends_it() {
    let http = HttpOptions::new().transport(Broken);
    let client = Client::builder("https://nango.test", "key").http(http).build().unwrap();
    let mut reply = client.proxy(&drive()).get("/files/1").send_streamed().await.unwrap();
    assert_eq!(reply.next().await.unwrap().unwrap(), "x");
    assert_eq!(reply.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(reply.next().await.is_none());
}
