//! Well-known endpoints of real providers that name the account of a credential, in the shapes of
//! the providers' own documentation, and the refusals of these providers.

use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use crate::http::reply;
use crate::model::Account;

/// Provider whose well-known endpoints the emulator answers.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Family {
    Freshdesk,
    GitHub,
    Google,
    Slack,
}

impl Family {
    /// Returns the family of a provider by the name of its template.
    pub(super) fn of(provider: &str) -> Option<Self> {
        let first = provider.split('-').next().unwrap_or_default();
        match first {
            "freshdesk" => Some(Self::Freshdesk),
            "github" => Some(Self::GitHub),
            "gmail" | "google" => Some(Self::Google),
            "slack" => Some(Self::Slack),
            _ => None,
        }
    }

    /// Returns the reply of a well-known endpoint, or `None` for any other request.
    pub(super) fn profile(self, method: &Method, path: &str, account: &Account) -> Option<Value> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        match (self, path) {
            (Self::Freshdesk, "/api/v2/agents/me") if reads => Some(freshdesk_agent(account)),
            (Self::GitHub, "/user") if reads => Some(github_user(account)),
            (Self::Google, "/oauth2/v3/userinfo") if reads => {
                Some(google_user(account, "sub", "email_verified"))
            }
            (Self::Google, "/oauth2/v2/userinfo") if reads => {
                Some(google_user(account, "id", "verified_email"))
            }
            (Self::Google, "/gmail/v1/users/me/profile") if reads => Some(gmail_profile(account)),
            (Self::Slack, path) if is_auth_test(path) && (reads || *method == Method::POST) => {
                Some(slack_auth(account))
            }
            _ => None,
        }
    }

    /// Returns the reply to a credential that the provider does not accept.
    pub(super) fn refusal(self, path: &str) -> Response {
        match self {
            // Slack answers every error with 200.
            Self::Slack => {
                let error = if is_auth_test(path) { "invalid_auth" } else { "token_revoked" };
                reply::json(200, &json!({ "ok": false, "error": error }))
            }
            Self::GitHub => reply::json(
                401,
                &json!({
                    "message": "Bad credentials",
                    "documentation_url": "https://docs.github.com/rest",
                    "status": "401",
                }),
            ),
            Self::Google if path == "/oauth2/v3/userinfo" => reply::json(
                401,
                &json!({ "error": "invalid_request", "error_description": "Invalid Credentials" }),
            ),
            Self::Google => {
                let message = "Request had invalid authentication credentials.";
                let error = json!({ "code": 401, "message": message, "status": "UNAUTHENTICATED" });
                reply::json(401, &json!({ "error": error }))
            }
            Self::Freshdesk => reply::json(
                401,
                &json!({
                    "code": "invalid_credentials",
                    "message": "You have to be logged in to perform this action.",
                }),
            ),
        }
    }
}

fn is_auth_test(path: &str) -> bool {
    path == "/auth.test" || path == "/api/auth.test"
}

/// Returns the text in lower case with hyphens, as names in addresses are.
fn slug(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

fn local_part(account: &Account) -> &str {
    account.email.split('@').next().unwrap_or_default()
}

fn freshdesk_agent(account: &Account) -> Value {
    json!({
        "id": Account::number(&account.email),
        "available": true,
        "occasional": false,
        "contact": { "active": true, "email": account.email, "name": account.name },
    })
}

fn github_user(account: &Account) -> Value {
    let (login, id) = (slug(local_part(account)), Account::number(&account.email) >> 16);
    json!({
        "login": login,
        "id": id,
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "site_admin": false,
        "name": account.name,
        "company": account.team,
        "email": account.email,
    })
}

fn google_user(account: &Account, id: &str, verified: &str) -> Value {
    let number = format!("1{:020}", Account::number(&account.email));
    let (given, family) = account.name.split_once(' ').unwrap_or((&account.name, ""));
    let mut user = json!({
        id: number,
        "email": account.email,
        verified: true,
        "name": account.name,
        "given_name": given,
        "picture": "https://lh3.googleusercontent.com/a/default-user=s96-c",
    });
    if !family.is_empty() {
        user["family_name"] = family.into();
    }
    user
}

fn gmail_profile(account: &Account) -> Value {
    json!({
        "emailAddress": account.email,
        "messagesTotal": 12,
        "threadsTotal": 7,
        "historyId": (Account::number(&account.email) >> 24).to_string(),
    })
}

fn slack_auth(account: &Account) -> Value {
    json!({
        "ok": true,
        "url": format!("https://{}.slack.com/", slug(&account.team)),
        "team": account.team,
        "user": local_part(account),
        "team_id": account.team_id(),
        "user_id": Account::id('U', &account.email),
        "is_enterprise_install": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_named_by_their_templates() {
        for (provider, family) in [
            ("google-mail", Some(Family::Google)),
            ("gmail", Some(Family::Google)),
            ("github-pat", Some(Family::GitHub)),
            ("slack", Some(Family::Slack)),
            ("slackish", None),
            ("hubspot", None),
        ] {
            assert!(Family::of(provider) == family, "{provider}");
        }
    }
}
