//! Failures of TLS, with certificates made here. The client is a process of its own, since the
//! authorities that it trusts are those of its environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use nango_client::Client;
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
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let response =
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
                let _ = stream.write_all(response.as_bytes()).await;
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
