//! An HTTP client of the app's own: what is left to it, and what stays with the crate.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use nango_client::{
    Cause, Client, ConfigError, ConnectionKey, ErrorKind, HttpOptions, ResponseBody, SessionDefaults, Tags,
    Transport, TransportError,
};
use tokio::net::TcpStream;

use crate::server::Server;

type Answer = Box<dyn Fn() -> Result<ResponseBody, TransportError> + Send>;

/// Records requests and gives prepared answers.
#[derive(Clone, Default)]
struct Recorder {
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Recorder {
    fn then(self, answer: impl Fn() -> Result<ResponseBody, TransportError> + Send + 'static) -> Self {
        self.answers.lock().unwrap().push_back(Box::new(answer));
        self
    }

    fn client(&self) -> Client {
        let http = HttpOptions::new().transport(self.clone()).user_agent("billing/2.1").header("x-a", "b");
        let http = http.timeout(Duration::from_millis(200));
        Client::builder("https://nango.example/base", "key").http(http).build().unwrap()
    }

    fn lines(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }
}

impl Transport for Recorder {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        self.requests.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(answer) => answer().map(Response::new),
            None => std::future::pending().await,
        }
    }
}

fn integrations() -> Result<ResponseBody, TransportError> {
    Ok(r#"{"data":[]}"#.into())
}

async fn connect(client: &Client) -> Result<(), nango_client::Error> {
    client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await.map(drop)
}

#[tokio::test]
async fn it_gets_the_whole_request() {
    let recorder = Recorder::default()
        .then(|| Ok(r#"{"data":{"token":"t","expires_at":"2026-11-23T09:02:01Z"}}"#.into()))
        .then(|| Ok("reply".into()));
    let client = recorder.client();
    connect(&client).await.unwrap();
    let reply =
        client.proxy(&ConnectionKey::new("slack", "c")).get("/me").query("a", "b c").send().await.unwrap();
    assert_eq!(reply.bytes(), "reply");
    assert_eq!(
        recorder.lines(),
        ["POST https://nango.example/base/connect/sessions", "GET https://nango.example/base/proxy/me?a=b+c"]
    );
    let requests = recorder.requests.lock().unwrap();
    let headers = |index: usize| -> Vec<String> {
        let header = |(name, value): (_, &http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
        let mut headers: Vec<_> = requests[index].headers().iter().map(header).collect();
        headers.sort_unstable();
        headers
    };
    let user_agent = format!("user-agent: nango-client/{} billing/2.1", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        headers(0),
        ["authorization: Bearer key", "content-type: application/json", &user_agent, "x-a: b"]
    );
    assert_eq!(
        headers(1),
        [
            "authorization: Bearer key",
            "connection-id: c",
            "provider-config-key: slack",
            &user_agent,
            "x-a: b"
        ]
    );
    assert_eq!(requests[0].body(), r#"{"tags":{},"allowed_integrations":["slack"]}"#);
    assert!(!format!("{:?}", requests[0].headers()).contains("Bearer"), "marked as sensitive");
}

#[tokio::test]
async fn time_outs_and_the_limit_of_a_response_stay_with_the_crate() {
    let error = Recorder::default().client().integrations().await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Unavailable, Some(&Cause::TimedOut)));

    let stalled = Recorder::default().then(|| Ok(ResponseBody::new(|_| Poll::Pending)));
    let error = stalled.client().integrations().await.unwrap_err();
    assert_eq!((error.kind(), error.cause()), (ErrorKind::Unavailable, Some(&Cause::TimedOut)));

    let polls = Arc::new(Mutex::new(0));
    let counter = polls.clone();
    let endless = Recorder::default().then(move || {
        let counter = counter.clone();
        Ok(ResponseBody::new(move |_| {
            *counter.lock().unwrap() += 1;
            Poll::Ready(Some(Ok(Bytes::from_static(&[b'x'; 1024]))))
        }))
    });
    let call = endless.client().proxy(&ConnectionKey::new("slack", "c")).get("/x").response_limit(4096);
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(*polls.lock().unwrap(), 5, "no more is read than shows that it is too large");
}

#[tokio::test]
async fn what_is_repeated_stays_with_the_crate() {
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    let get = "GET https://nango.example/base/integrations";
    let post = "POST https://nango.example/base/connect/sessions";

    let recorder = Recorder::default().then(move || Err(TransportError::new(reset()))).then(integrations);
    recorder.client().integrations().await.unwrap();
    assert_eq!(recorder.lines(), [get, get], "closed under a GET");

    let recorder = Recorder::default().then(move || Err(TransportError::new(reset()))).then(integrations);
    assert_eq!(connect(&recorder.client().background()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(recorder.lines(), [post], "closed under a POST");

    let recorder = Recorder::default()
        .then(move || Err(TransportError::unsent(reset())))
        .then(|| Ok(r#"{"data":{"token":"t","expires_at":"2026-11-23T09:02:01Z"}}"#.into()));
    connect(&recorder.client()).await.unwrap();
    assert_eq!(recorder.lines(), [post, post], "closed before a POST");

    let recorder =
        Recorder::default().then(move || Err(TransportError::unsent(refused()))).then(integrations);
    let error = recorder.client().integrations().await.unwrap_err();
    assert_eq!(error.cause(), Some(&Cause::ConnectionRefused), "a refusal would come again");
    assert_eq!(recorder.lines(), [get]);

    let broken = move || {
        let mut parts = [Ok(Bytes::from_static(b"{")), Err(TransportError::new(reset()))].into_iter();
        Ok(ResponseBody::new(move |_| Poll::Ready(parts.next())))
    };
    let recorder = Recorder::default().then(broken).then(integrations);
    let error = recorder.client().integrations().await.unwrap_err();
    assert_eq!(error.cause(), Some(&Cause::Io(io::ErrorKind::ConnectionReset)), "within the response");
    assert_eq!(recorder.lines(), [get]);
    let raw = error.raw_source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(raw.kind(), io::ErrorKind::ConnectionReset);
}

/// One connection for each request, made with hyper.
struct Hyper;

impl Transport for Hyper {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let address = request.uri().authority().unwrap().to_string();
        let stream = TcpStream::connect(&address).await.map_err(TransportError::unsent)?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(TransportError::unsent)?;
        tokio::spawn(connection);
        let mut request = request.map(Full::new);
        let path = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
        *request.uri_mut() = path;
        request.headers_mut().insert("host", address.parse().unwrap());
        let response = sender.send_request(request).await.map_err(TransportError::new)?;
        Ok(response.map(|body| {
            let mut body = Box::pin(body.into_data_stream());
            ResponseBody::new(move |context| {
                use futures_util::Stream as _;
                body.as_mut().poll_next(context).map_err(TransportError::new)
            })
        }))
    }
}

#[tokio::test]
async fn a_client_made_with_hyper() {
    let server = Server::start([
        (
            200,
            "x-ratelimit-limit: 77\r\nx-ratelimit-remaining: 76\r\nx-ratelimit-reset: 4102444800\r\n",
            r#"{"data":[]}"#.to_owned(),
        ),
        (201, "", r#"{"data":{"token":"t","expires_at":"2026-11-23T09:02:01Z"}}"#.to_owned()),
        (200, "content-type: text/plain\r\n", "x".repeat(100_000)),
    ])
    .await;
    let http = HttpOptions::new().transport(Hyper);
    let client = Client::builder(&server.host, "key").http(http).build().unwrap();
    assert_eq!(client.integrations().await.unwrap(), []);
    assert_eq!(client.rate_limit(), Some(77));
    connect(&client).await.unwrap();
    let reply =
        client.proxy(&ConnectionKey::new("slack", "c")).request(Method::GET, "/x").send().await.unwrap();
    assert_eq!(
        (reply.bytes().len(), &reply.headers()["content-type"]),
        (100_000, &"text/plain".parse().unwrap())
    );
    assert_eq!(server.lines(), ["GET /integrations", "POST /connect/sessions", "GET /proxy/x"]);
    drop(server);
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let http = HttpOptions::new().transport(Hyper);
    let client = Client::builder(format!("http://{free}"), "key").http(http).build().unwrap();
    assert_eq!(client.integrations().await.unwrap_err().cause(), Some(&Cause::ConnectionRefused));
}

/// hyper returns a request that it has not begun to write.
#[tokio::test]
async fn hyper_says_which_request_was_not_written() {
    let request = || Request::new(Full::new(Bytes::new()));
    let (near, far) = tokio::io::duplex(1024);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
    drop(connection);
    let unsent = TransportError::new(sender.send_request(request()).await.unwrap_err());
    assert_eq!(format!("{unsent:?}"), "TransportError { cause: Some(NotHttp), is_unsent: true, .. }");
    drop(far);

    let (near, far) = tokio::io::duplex(1024);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
    tokio::spawn(connection);
    let answer = tokio::spawn(async move { sender.send_request(request()).await.map(drop).unwrap_err() });
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(far);
    let sent = TransportError::new(answer.await.unwrap());
    assert_eq!(format!("{sent:?}"), "TransportError { cause: Some(NotHttp), is_unsent: false, .. }");
}

#[test]
fn options_of_the_built_in_client_are_refused_beside_another() {
    let options = || HttpOptions::new().transport(Recorder::default());
    for options in [
        options().proxy("http://proxy.internal:3128"),
        options().connect_timeout(Duration::from_secs(1)),
        options().read_timeout(Duration::from_secs(1)),
        options().idle_timeout(Duration::from_secs(1)),
        options().root_certificates("-----BEGIN CERTIFICATE-----"),
    ] {
        let error = Client::builder("http://localhost", "key").http(options).build().unwrap_err();
        assert_eq!(error, ConfigError::TransportOptions);
        assert_eq!(
            error.to_string(),
            "an HTTP client of the app's own has its own certificates, proxy, connect, read and idle time-outs; set them \
             there, or leave out `.transport(..)`"
        );
    }
}
