//! The configuration: variables of the environment.

use std::env;
use std::fmt;
use std::net::SocketAddr;

use nango_core::BoxError;
use url::{Host, Url};

/// The app's configuration. Its `Debug` output has no secret.
#[non_exhaustive]
pub struct Config {
    /// `DATABASE_URL`
    pub database_url: String,
    /// `LISTEN`: the address of the web server.
    pub listen: SocketAddr,
    /// `PUBLIC_URL`: the address of the app for browsers, without a slash at the end.
    pub public_url: String,
    /// `MIGRATE`: whether the tables are migrated at the start.
    pub migrates: bool,
    /// `MAIL_FROM`: the sender of mails.
    pub mail_from: String,
    /// `SMTP_URL`
    pub smtp_url: String,
    /// `NANGO_SECRET_KEY`
    pub nango_key: String,
    /// `NANGO_WEBHOOK_SIGNING_KEY`: several are separated by commas.
    pub nango_signing_keys: String,
    /// `NANGO_HANDLE_KEY`: several are separated by commas.
    pub nango_handle_keys: Option<String>,
    /// `NANGO_HOST`: a Nango other than its cloud.
    pub nango_host: Option<String>,
    /// `NANGO_PUBLIC_SERVER_URL`: the address of that Nango for browsers.
    pub nango_public_host: Option<String>,
    /// `NANGO_PUBLIC_CONNECT_URL`: the Connect UI, with a slash at the end.
    pub connect_url: String,
}

impl Config {
    /// Reads the variables of this process.
    ///
    /// # Errors
    ///
    /// One that lists everything that is missing or wrong, without a value.
    pub fn from_env() -> Result<Self, BoxError> {
        Self::read(|name| env::var(name).ok())
    }

    /// Reads variables from a function, for tests.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BoxError> {
        let mut variables = Variables { variable: &variable, problems: Vec::new() };
        let mut config = Self {
            database_url: variables.required("DATABASE_URL", "postgres://USER:PASSWORD@HOST/NAME"),
            listen: variables.listen(),
            public_url: variables.public_url(),
            migrates: variables.migrates(),
            mail_from: variables.required("MAIL_FROM", "the sender of mails, as in App <app@example.com>"),
            smtp_url: variables
                .required("SMTP_URL", "smtps://USER:PASSWORD@HOST, or smtp://HOST:PORT without TLS"),
            nango_key: variables.required("NANGO_SECRET_KEY", "the API key of the Nango environment"),
            nango_signing_keys: variables
                .required("NANGO_WEBHOOK_SIGNING_KEY", "the webhook signing key of the Nango environment"),
            nango_handle_keys: variables.get("NANGO_HANDLE_KEY"),
            nango_host: variables.get("NANGO_HOST"),
            nango_public_host: variables.get("NANGO_PUBLIC_SERVER_URL"),
            connect_url: variables.get("NANGO_PUBLIC_CONNECT_URL").unwrap_or_default(),
        };
        if config.connect_url.is_empty() && config.nango_host.is_some() {
            variables
                .problem("NANGO_PUBLIC_CONNECT_URL", "is missing: NANGO_HOST has a Connect UI of its own");
        } else if config.connect_url.is_empty() {
            "https://connect.nango.dev".clone_into(&mut config.connect_url);
        }
        if !config.connect_url.ends_with('/') {
            config.connect_url.push('/');
        }
        match variables.problems.as_slice() {
            [] => Ok(config),
            problems => {
                Err(format!("the configuration is not complete:\n  {}", problems.join("\n  ")).into())
            }
        }
    }

    /// Returns whether browsers reach the app over TLS.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.public_url.starts_with("https:")
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// The variables, and what is wrong with them. A value can be a secret and is in no text.
struct Variables<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Variables<'_> {
    /// Returns a value, trimmed: the line end of the file that it was read from is no part of it.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn required(&mut self, name: &str, meaning: &str) -> String {
        self.get(name).unwrap_or_else(|| {
            self.problem(name, &format!("is missing: {meaning}"));
            String::new()
        })
    }

    fn problem(&mut self, name: &str, text: &str) {
        self.problems.push(format!("{name} {text}"));
    }

    fn listen(&mut self) -> SocketAddr {
        let value = self.get("LISTEN").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        value.parse().unwrap_or_else(|_| {
            self.problem("LISTEN", "is not an address and a port, as in 0.0.0.0:3000");
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    fn migrates(&mut self) -> bool {
        match self.get("MIGRATE").as_deref() {
            None | Some("at-start") => true,
            Some("by-hand") => false,
            Some(_) => {
                self.problem("MIGRATE", "is neither at-start nor by-hand");
                false
            }
        }
    }

    /// Browsers keep the cookies of the login and of the guarded callback only with TLS, or on this machine.
    fn public_url(&mut self) -> String {
        let value =
            self.required("PUBLIC_URL", "the address of the app for browsers, as in https://app.example.com");
        let url = Url::parse(&value).ok();
        let is_fit =
            url.as_ref().is_some_and(|url| url.path() == "/" && (url.scheme() == "https" || is_local(url)));
        if !value.is_empty() && !is_fit {
            self.problem("PUBLIC_URL", "is neither https://HOST nor http://localhost:PORT, without a path");
        }
        value.trim_end_matches('/').to_owned()
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: [(&str, &str); 6] = [
        ("DATABASE_URL", "postgres://app:s3cret@localhost/app"),
        ("PUBLIC_URL", "https://app.example.com/"),
        ("MAIL_FROM", "App <app@example.com>"),
        ("SMTP_URL", "smtp://localhost:1025"),
        ("NANGO_SECRET_KEY", "s3cret"),
        ("NANGO_WEBHOOK_SIGNING_KEY", "s3cret\n"),
    ];

    fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
        let all = || changes.iter().chain(&COMPLETE);
        let value =
            |name: &str| all().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned());
        Config::read(value).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        let config = read(&[]).unwrap();
        assert_eq!(config.public_url, "https://app.example.com");
        assert_eq!(config.connect_url, "https://connect.nango.dev/");
        assert_eq!(config.nango_signing_keys, "s3cret");
        assert_eq!(config.listen.port(), 3000);
        assert!(config.migrates && config.has_tls());
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let error = Config::read(|_| None).unwrap_err().to_string();
        for (name, _) in COMPLETE {
            assert!(error.contains(&format!("\n  {name} is missing: ")), "{name}: {error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_and_not_quoted() {
        for (name, value) in [
            ("LISTEN", "s3cret"),
            ("MIGRATE", "s3cret"),
            ("PUBLIC_URL", "http://s3cret.example.com"),
            ("PUBLIC_URL", "https://app.example.com/s3cret"),
            ("NANGO_HOST", "http://s3cret:3003"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            let expected = if name == "NANGO_HOST" { "NANGO_PUBLIC_CONNECT_URL" } else { name };
            assert!(error.contains(&format!("\n  {expected} is ")) && !error.contains("s3cret"), "{error}");
        }
        assert!(read(&[("PUBLIC_URL", "http://localhost:3000")]).is_ok());
    }
}
