//! Users and their passwords.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use nango_core::{BoxError, TagMapper};
use sqlx::PgPool;
use tokio::sync::Semaphore;

/// The shortest password.
const SHORTEST: usize = 12;

/// A user, the owner of connections. Nango gets the fields with an attribute.
#[derive(Clone, TagMapper)]
pub(crate) struct User {
    #[nango(id)]
    pub(crate) id: i64,
    #[nango(tag = "end_user_email")]
    pub(crate) email: String,
}

impl User {
    /// Finds the user with this id.
    pub(crate) async fn find(pool: &PgPool, id: i64) -> sqlx::Result<Option<Self>> {
        let select = sqlx::query_as("SELECT email FROM users WHERE id = $1").bind(id);
        let row: Option<(String,)> = select.fetch_optional(pool).await?;
        Ok(row.map(|(email,)| Self { id, email }))
    }

    /// Finds the user with this address and this password.
    pub(crate) async fn authenticate(
        pool: &PgPool,
        email: &str,
        password: String,
    ) -> Result<Option<Self>, BoxError> {
        let email = normalized(email);
        let select = sqlx::query_as("SELECT id, password_hash FROM users WHERE email = $1").bind(&email);
        let row: Option<(i64, String)> = select.fetch_optional(pool).await?;
        let (id, hash) = row.unzip();
        // Without a user there is as much work, so that the time does not reveal who has an account.
        let is_right = hashing(move || {
            let hash = PasswordHash::new(hash.as_deref().unwrap_or(&NO_PASSWORD));
            hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await?;
        Ok(id.filter(|_| is_right).map(|id| Self { id, email }))
    }
}

/// Adds a user.
///
/// # Errors
///
/// When the address is in use or is none, or when the password is shorter than 12 bytes.
pub async fn add_user(pool: &PgPool, email: &str, password: &str) -> Result<(), BoxError> {
    let email = normalized(email);
    if email.parse::<lettre::Address>().is_err() {
        return Err("that is not an e-mail address".into());
    }
    if password.len() < SHORTEST {
        return Err(format!("a password has at least {SHORTEST} bytes").into());
    }
    let password = password.to_owned();
    let hash = hashing(move || hash(&password)).await??;
    let insert =
        sqlx::query("INSERT INTO users (email, password_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    let inserted = insert.bind(email).bind(hash).execute(pool).await?;
    if inserted.rows_affected() == 0 { Err("there is a user with that address".into()) } else { Ok(()) }
}

fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The hash of the empty password, which no user has.
static NO_PASSWORD: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());

fn hash(password: &str) -> Result<String, BoxError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| format!("cannot hash a password: {error}"))?.to_string())
}

/// Runs what takes a processor and 19 MiB for a while, twice at a time at most: logins cost whoever asks nothing.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BoxError> {
    static TURNS: Semaphore = Semaphore::const_new(2);

    let _turn = TURNS.acquire().await?;
    Ok(tokio::task::spawn_blocking(work).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_its_password_alone() {
        let (one, other) = (hash("correct horse").unwrap(), hash("correct horse").unwrap());
        assert_ne!(one, other, "each has a salt of its own");
        let hash = PasswordHash::new(&one).unwrap();
        let verify = |password: &str| Argon2::default().verify_password(password.as_bytes(), &hash);
        assert!(verify("correct horse").is_ok() && verify("correct horsf").is_err());
    }
}
