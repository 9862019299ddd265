//! Failures of TLS, with certificates made here. The client is a process of its own, since the
//! authorities that it trusts are those of its environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use nango_client::{Cause, Client, HttpOptions, SessionDefaults, Tags, TlsFailure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Starts a server with a certificate of this authority for a name.
    async fn serve(&self, name: &str, is_expired: bool) -> SocketAddr {
        self.serve_after(0, name, is_expired, Arc::default()).await
    }

    /// Starts a server that closes as many connections within their handshake. It records the methods
    /// of requests.
    async fn serve_after(
        &self,
        closed: usize,
        name: &str,
        is_expired: bool,
        methods: Arc<Mutex<Vec<String>>>,
    ) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if is_expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for connection in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                if connection < closed {
                    let _ = stream.read(&mut [0; 4096]).await;
                    continue;
                }
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = [0; 4096];
                let length = stream.read(&mut request).await.unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..length]);
                let method = text.split(' ').next().unwrap_or_default().to_owned();
                let body = match &*method {
                    "POST" => r#"{"data":{"token":"t","expires_at":"2026-11-23T09:02:01Z"}}"#,
                    _ => r#"{"data":[]}"#,
                };
                methods.lock().unwrap().push(method);
                let head =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all((head + body).as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        address
    }
}

/// The address that the client's process calls.
const HOST: &str = "NANGO_TEST_TLS_HOST";

/// The client's process, which the tests below start with an address. Without one there is nothing to
/// call, and the tests below fail if this does not call it.
#[tokio::test]
async fn client() {
    let Ok(host) = std::env::var(HOST) else { return };
    let outcome = match Client::new(&host, "key") {
        Ok(client) => {
            client.integrations().await.map_or_else(|error| error.to_string(), |_| "success".to_owned())
        }
        Err(error) => error.to_string(),
    };
    println!("\noutcome: {outcome}");
}

/// Calls a server with these authorities in another process, and returns the outcome.
async fn call(host: String, authorities: PathBuf) -> String {
    let call = move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tls::client", "--nocapture"]).env(HOST, &host);
        let output = command.env("SSL_CERT_FILE", authorities).env_remove("SSL_CERT_DIR").output().unwrap();
        let (_, host) = host.split_once("://").unwrap();
        let output = String::from_utf8(output.stdout).unwrap().replace(host, "HOST");
        output.lines().find_map(|line| line.strip_prefix("outcome: ")).unwrap().to_owned()
    };
    tokio::task::spawn_blocking(call).await.unwrap()
}

const FAILED: &str = "could not list integrations at HOST: ";

#[tokio::test]
async fn a_certificate_that_is_not_accepted() {
    let authority = Authority::new();
    let good = format!("https://{}", authority.serve("127.0.0.1", false).await);
    assert_eq!(call(good.clone(), authority.file()).await, "success");
    assert_eq!(
        call(good, Authority::new().file()).await,
        format!(
            "{FAILED}the server's certificate is not of an authority that this machine trusts; install the CA certificates of \
             this machine (package `ca-certificates`), and that of a private authority"
        )
    );
    let expired = format!("https://{}", authority.serve("127.0.0.1", true).await);
    assert_eq!(
        call(expired, authority.file()).await,
        format!(
            "{FAILED}the server's certificate has expired, or is not valid yet; renew the certificate, and check this \
             machine's clock"
        )
    );
    let other = format!("https://{}", authority.serve("nango.example", false).await);
    assert_eq!(
        call(other, authority.file()).await,
        format!(
            "{FAILED}the server's certificate is for another name; write the Nango host (NANGO_HOST) as its certificate \
             names it"
        )
    );
}

#[tokio::test]
async fn a_machine_without_certificates() {
    let authority = Authority::new();
    let good = format!("https://{}", authority.serve("127.0.0.1", false).await);
    assert_eq!(
        call(good, authority.folder.path().join("missing.pem")).await,
        "the HTTP client cannot be created, because of the system's TLS set-up; install the CA certificates of this \
         machine (package `ca-certificates`), or name their file in SSL_CERT_FILE"
    );
}

#[tokio::test]
async fn tls_where_there_is_none_and_none_where_there_is_tls() {
    let authority = Authority::new();
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    });
    assert_eq!(
        call(format!("https://{address}"), authority.file()).await,
        format!(
            "{FAILED}the server answers without TLS; write the Nango host (NANGO_HOST) with http://, or with the port that \
             speaks TLS"
        )
    );
    let tls = authority.serve("127.0.0.1", false).await;
    assert_eq!(
        call(format!("http://{tls}"), authority.file()).await,
        format!(
            "{FAILED}the response is not HTTP, or breaks off; check the Nango host (NANGO_HOST): a port that speaks TLS needs \
             https://; retry later if it is right"
        )
    );
}

/// Returns a client that trusts these authorities, too.
fn trusting(address: SocketAddr, authorities: &[&Authority]) -> Client {
    let mut http = HttpOptions::new();
    for authority in authorities {
        http = http.root_certificates(authority.issuer.pem());
    }
    Client::builder(format!("https://{address}"), "key").http(http).build().unwrap()
}

#[tokio::test]
async fn certificates_of_private_authorities_are_trusted_as_options() {
    let (one, other) = (Authority::new(), Authority::new());
    for (address, authorities, is_trusted) in [
        (one.serve("127.0.0.1", false).await, vec![&one], true),
        (other.serve("127.0.0.1", false).await, vec![&one, &other], true),
        (other.serve("127.0.0.1", false).await, vec![&one], false),
    ] {
        let outcome = trusting(address, &authorities).integrations().await;
        match is_trusted {
            true => assert_eq!(outcome.unwrap(), []),
            false => {
                assert_eq!(outcome.unwrap_err().cause(), Some(&Cause::Tls(TlsFailure::Untrusted)));
            }
        }
    }
    let both = HttpOptions::new().root_certificates([one.issuer.pem(), other.issuer.pem()].concat());
    let host = format!("https://{}", other.serve("127.0.0.1", false).await);
    let client = Client::builder(host, "key").http(both).build().unwrap();
    assert_eq!(client.integrations().await.unwrap(), []);
}

/// A request that was not sent is repeated, a POST, too.
#[tokio::test]
async fn a_connection_that_is_closed_within_its_handshake_is_made_once_more() {
    let authority = Authority::new();
    for (closed, expected) in [(1, &["POST"][..]), (2, &[])] {
        let methods = Arc::default();
        let address = authority.serve_after(closed, "127.0.0.1", false, Arc::clone(&methods)).await;
        let client = trusting(address, &[&authority]);
        let session = client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await;
        assert_eq!(session.is_ok(), closed == 1, "{session:?}");
        assert_eq!(*methods.lock().unwrap(), expected);
    }
}
