//! An app whose metrics Prometheus reads at `/metrics`.
//!
//! The library counts through the facade of the crate `metrics`, so that any exporter will do. In a
//! program, [`install`] goes first in `main`.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use nango_core::{Nango, TagMapper};

/// A user of the app.
#[derive(Debug, TagMapper)]
pub struct User {
    #[nango(id)]
    id: String,
}

/// A stand-in for the app's login.
impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id =
            parts.headers.get("x-user").and_then(|id| id.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self { id: id.to_owned() })
    }
}

/// Makes Prometheus's recorder the program's.
///
/// # Errors
///
/// When the program has a recorder already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    // The bounds that OpenTelemetry advises for durations of HTTP requests, in seconds.
    let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
    let durations = Matcher::Suffix("request_duration".to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(durations, &bounds)?.install_recorder()
}

/// The app's routes. `/metrics` belongs on an address that only Prometheus reaches.
pub fn app(nango: Nango, metrics: PrometheusHandle) -> Router {
    Router::new()
        .nest("/nango", nango_axum::router::<User, _>(nango))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
}

#[cfg(test)]
mod tests {
    use nango_core::{MemoryStore, SigningKeys};
    use nango_emulator::Emulator;

    use super::*;

    #[tokio::test]
    async fn prometheus_reads_what_happens() {
        let metrics = install().unwrap();
        let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango =
            Nango::builder(emulator.secret_key(), keys, MemoryStore::new()).host(emulator.local_url());
        let nango = nango.allowed_integrations(["slack"]).entity::<User>().build().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app(nango, metrics)).await });

        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let token = client.post(format!("{url}/nango/session-token")).header("x-user", "alice").send();
        assert_eq!(token.await.unwrap().status(), 200);
        assert_eq!(
            client.post(format!("{url}/nango/webhook")).body("{}").send().await.unwrap().status(),
            401
        );
        let text = client.get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap();
        for line in [
            "nango_refused 1",
            "nango_failures{kind=\"webhook_refused\"} 1",
            "http_client_request_duration_count{http_request_method=\"POST\",url_template=\"/connect/sessions\",error_type=\"\"} 1",
            "http_server_request_duration_count{http_request_method=\"POST\",http_route=\"/session-token\",\
             http_response_status_code=\"200\"} 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("alice"), "{text}");
    }
}
