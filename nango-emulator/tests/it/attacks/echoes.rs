use nango_emulator::Credentials;
use reqwest::Method;
use serde_json::{Value, json};

use super::{API_KEY, ask, emulator};
use crate::support::call;

#[tokio::test]
async fn echoes_mask_every_credential() {
    let (nango, id) = emulator(None).await;
    let token = nango.create_session(&[]);
    let basic = Credentials::basic("alice", "pass-of-alice").param("subdomain", "acme");
    let slack = nango.connect(&token, "slack", Credentials::oauth2()).await.unwrap().connection_id;
    let freshdesk = nango.connect(&token, "freshdesk", basic).await.unwrap().connection_id;
    let access = format!("/connections/{slack}?provider_config_key=slack");
    let (_, access) = call(&nango, Method::GET, &access, None).await;
    let access = access["credentials"]["access_token"].as_str().unwrap();
    for (integration, id, authorization) in [
        ("openai", &id, format!("Bearer {API_KEY}")),
        ("slack", &slack, format!("Bearer {access}")),
        ("freshdesk", &freshdesk, "Basic YWxpY2U6cGFzcy1vZi1hbGljZQ==".to_owned()),
    ] {
        let secret = authorization.split(' ').next_back().unwrap();
        let path = format!("/proxy/v1/{secret}?limit=2&api_key={secret}&access_token=of-another");
        let request = ask(&nango, &Method::POST, &path, nango.secret_key());
        let request = request.header("connection-id", id).header("provider-config-key", integration);
        let request = request.header("nango-proxy-cookie", "sid=1234").header("nango-proxy-x-copy", secret);
        let request = request.header("content-type", "application/json");
        let text = request.body(json!({ "copy": secret }).to_string()).send().await.unwrap().text().await;
        let text = text.unwrap();
        for hidden in [secret, "of-another", "sid=1234"] {
            assert!(!text.contains(hidden), "{integration}: {hidden} in {text}");
        }
        let echo: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(echo["headers"]["authorization"], nango.masked(&authorization), "{integration}");
        assert!(echo["url"].as_str().unwrap().contains("limit=2&api_key=masked-"), "{echo}");
    }
}
