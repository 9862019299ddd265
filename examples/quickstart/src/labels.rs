//! The names of accounts, by which two connections of one integration differ.

use nango_core::{BoxError, OwnedConnection};
use serde_json::Value;

/// Asks the provider what a person would call the account, such as `anna@example.com`.
pub async fn label(connection: OwnedConnection) -> Result<Option<String>, BoxError> {
    let Some((path, field)) = profile(connection.provider()) else { return Ok(None) };
    let reply = connection.proxy().get(path).send().await?;
    if !reply.status().is_success() {
        // Asked again later. The reply itself may quote what no log may have.
        return Err(format!("the provider replied with status {}", reply.status().as_u16()).into());
    }
    let profile: Value = reply.json()?;
    Ok(profile[field].as_str().map(str::to_owned))
}

/// Returns where a provider names the account of a credential, and the field of the name.
fn profile(provider: &str) -> Option<(&'static str, &'static str)> {
    Some(match provider {
        "github" => ("/user", "login"),
        "google-mail" => ("/gmail/v1/users/me/profile", "emailAddress"),
        "google" | "google-calendar" | "google-drive" => ("/oauth2/v3/userinfo", "email"),
        // Its errors have status 200, and no team.
        "slack" => ("/auth.test", "team"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use nango_core::{MemoryStore, Nango, SigningKeys};
    use nango_emulator::{Account, Credentials, Emulator};

    use super::*;
    use crate::models::User;

    #[tokio::test]
    async fn accounts_are_called_what_people_call_them() {
        let integrations = ["github", "google-calendar", "google-mail", "openai", "slack"];
        let emulator =
            Emulator::builder().listen("127.0.0.1:0").integrations(integrations).start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new())
            .host(emulator.local_url())
            .allowed_integrations(integrations)
            .entity::<User>()
            .build()
            .unwrap();
        let user = User::find("alice").unwrap();
        let session = nango.connect_session(&user).create().await.unwrap();
        let account = Account::new("anna.work@example.com").team("Acme");
        for integration in integrations {
            let credentials = match integration {
                "openai" => Credentials::api_key("any"),
                _ => Credentials::oauth2().account(account.clone()),
            };
            emulator.connect(session.token.expose(), integration, credentials).await.unwrap();
        }
        nango.sync(&user).await.unwrap();
        for (integration, expected) in integrations.into_iter().zip([
            Some("anna-work"),
            Some("anna.work@example.com"),
            Some("anna.work@example.com"),
            None,
            Some("Acme"),
        ]) {
            let connection = nango.connection(&user, integration).await.unwrap();
            assert_eq!(label(connection).await.unwrap().as_deref(), expected, "{integration}");
        }
    }
}
