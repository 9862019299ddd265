//! Built-in providers: those of the demo and Gmail, for which the emulator stands in, and two of
//! Nango's examples.

use serde_json::{Value, json};

use super::provider::Provider;

/// Default integrations. Each has the name of its provider.
pub(crate) const DEMO: [&str; 5] = ["slack", "google-calendar", "hubspot", "openai", "freshdesk"];

pub(super) fn providers(public_url: &str, local_url: &str) -> Vec<Provider> {
    let oauth2 = |name: &str, display_name: &str, category: &str, scopes: &[&str]| {
        json!({
            "display_name": display_name,
            "categories": [category],
            "auth_mode": "OAUTH2",
            // The browser uses the public address, the emulator itself the local one.
            "authorization_url": format!("{public_url}/_emulator/provider/{name}/authorize"),
            "token_url": format!("{local_url}/_emulator/provider/{name}/token"),
            "default_scopes": scopes,
            "proxy": { "base_url": format!("{local_url}/_emulator/provider/{name}/api") },
            "docs": docs(name),
        })
    };
    let api = |name: &str| format!("{local_url}/_emulator/provider/{name}/api");
    let templates = [
        ("slack", {
            let mut slack = oauth2("slack", "Slack", "communication", &["channels:read"]);
            slack["token_response_metadata"] = json!(["team.id"]);
            slack
        }),
        (
            "google-calendar",
            oauth2("google-calendar", "Google Calendar", "productivity", &["calendar.readonly"]),
        ),
        ("google-mail", oauth2("google-mail", "Gmail", "communication", &["gmail.readonly"])),
        ("hubspot", oauth2("hubspot", "HubSpot", "crm", &["crm.objects.contacts.read"])),
        (
            "openai",
            json!({
                "display_name": "OpenAI",
                "categories": ["dev-tools"],
                "auth_mode": "API_KEY",
                "proxy": {
                    "base_url": api("openai"),
                    "headers": { "authorization": "Bearer ${apiKey}" },
                },
                "docs": docs("openai"),
                "credentials": { "apiKey": {
                    "type": "string",
                    "title": "API key",
                    "description": "A secret key of your OpenAI account",
                    "example": "sk-…",
                } },
            }),
        ),
        (
            "freshdesk",
            json!({
                "display_name": "Freshdesk",
                "categories": ["support"],
                "auth_mode": "BASIC",
                "proxy": {
                    "base_url": api("freshdesk"),
                    "headers": { "authorization": "Basic ${base64(${username}:${password})}" },
                },
                "docs": docs("freshdesk"),
                "connection_config": { "subdomain": {
                    "type": "string",
                    "title": "Subdomain",
                    "description": "The part before .freshdesk.com in your address",
                    "example": "acme",
                    "pattern": "^[a-z0-9][a-z0-9-]*$",
                    "order": 1,
                } },
                "credentials": {
                    "username": {
                        "type": "string",
                        "title": "API key or e-mail",
                        "description": "Your Freshdesk API key, or the e-mail you log in with",
                    },
                    "password": {
                        "type": "string",
                        "title": "Password",
                        "description": "Your password; X when you use an API key",
                        "secret": true,
                    },
                },
            }),
        ),
        (
            "unauthenticated",
            json!({
                "display_name": "Unauthenticated",
                "categories": ["dev-tools"],
                "auth_mode": "NONE",
                "docs": docs("unauthenticated"),
            }),
        ),
        ("github", {
            let mut github = oauth2("github", "GitHub (User OAuth)", "dev-tools", &[]);
            github["proxy"]["base_url"] = "https://api.github.com".into();
            github
        }),
    ];
    let provider = |(name, template): (&str, Value)| Provider {
        name: name.to_owned(),
        template: template.as_object().cloned().unwrap_or_default(),
    };
    templates.map(provider).into()
}

fn docs(name: &str) -> String {
    format!("https://nango.dev/docs/integrations/all/{name}")
}
