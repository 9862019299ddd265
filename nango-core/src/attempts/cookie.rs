//! The cookie that proves to the callback that this browser has begun an attempt.

use std::fmt;

use http::HeaderMap;
use http::header::COOKIE;
use nango_client::Timestamp;
use url::{Host, Url};

use super::keys::{CLOCK_SKEW, seconds};
use super::text::{sealed, unsealed};
use crate::config::ConfigError;
use crate::keys::{AppKeys, DerivedKeys};

/// The format of the cookie's value.
const FORMAT: u8 = 1;

/// The name on https. Browsers take a cookie with this prefix only from the host itself, so that no
/// page of a subdomain can plant one.
const SECURE_NAME: &str = "__Host-nango_attempt";

/// The name on http, on this machine: Safari refuses `Secure` there, which the prefix requires.
const LOCAL_NAME: &str = "nango_attempt";

/// The cookies that a callback may have of the one name: more are not looked at.
const MAX_COOKIES: usize = 8;

/// Issues the cookie, and verifies it.
pub(crate) struct CallbackGuard {
    keys: DerivedKeys,
    is_secure: bool,
}

/// The reason why a callback is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieFault {
    /// The attempts of this browser have expired.
    Expired,
    /// The cookie was not made by this app.
    Forged,
    /// The browser has no cookie of an attempt.
    Missing,
}

impl CallbackGuard {
    /// Makes a guard for the callback at this public address.
    pub(crate) fn new(keys: &AppKeys<'_>, app: Option<&str>, url: &str) -> Result<Self, ConfigError> {
        let url = Url::parse(url).map_err(|_| ConfigError::InvalidCallbackUrl)?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(ConfigError::InvalidCallbackUrl),
        };
        let is_secure = match url.scheme() {
            "https" => true,
            "http" if is_local => false,
            _ => return Err(ConfigError::InvalidCallbackUrl),
        };
        let label = format!("nango-core callback cookie {}", app.unwrap_or_default());
        Ok(Self { keys: keys.derived(&label)?, is_secure })
    }

    /// Returns the header `Set-Cookie` of a session: a new value, so that the life of the one cookie of
    /// the browser begins anew.
    pub(crate) fn set_cookie(&self, until: Timestamp) -> String {
        let seconds_left = until.since(Timestamp::now()).as_secs();
        let nonce: [u8; 16] = rand::random();
        let bytes = [&[FORMAT][..], &nonce, &seconds(until).to_be_bytes()].concat();
        let value = sealed(&bytes, self.keys.code(&[&bytes]));
        let (name, secure) = if self.is_secure { (SECURE_NAME, "; Secure") } else { (LOCAL_NAME, "") };
        format!("{name}={value}; Path=/; Max-Age={seconds_left}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Checks that the browser has begun an attempt that is not over.
    pub(crate) fn check(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), CookieFault> {
        let name = if self.is_secure { SECURE_NAME } else { LOCAL_NAME };
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let values = cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(|(found, value)| (found == name).then_some(value));
        let mut fault = CookieFault::Missing;
        for value in values.take(MAX_COOKIES) {
            fault = match self.expiry(value) {
                // rule: expired-cookie
                Some(until) if until.saturating_add(CLOCK_SKEW) < now => CookieFault::Expired,
                Some(_) => return Ok(()),
                None => CookieFault::Forged,
            };
        }
        Err(fault)
    }

    /// Returns the expiry of a value that this app has made.
    fn expiry(&self, value: &str) -> Option<Timestamp> {
        let (bytes, code) = unsealed(value)?;
        // rule: forged-cookie
        if !self.keys.accepts(&code, &[&bytes]) {
            return None;
        }
        let until = i64::from_be_bytes(*bytes.last_chunk::<8>()?);
        Timestamp::from_micros(until.checked_mul(1_000_000)?)
    }
}

impl fmt::Display for CookieFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the attempts of this browser have expired",
            Self::Forged => {
                "the cookie of the attempt was not made by this app, or with a key that was replaced"
            }
            Self::Missing => "the browser has no cookie of an attempt",
        })
    }
}

nango_client::__debug_only!(CallbackGuard { is_secure });

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nango_client::ApiKey;

    use super::*;

    fn guard(url: &str, keys: &[&str], app: Option<&str>) -> Result<CallbackGuard, ConfigError> {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        CallbackGuard::new(&AppKeys::new(&keys, &ApiKey::new("api").unwrap()).unwrap(), app, url)
    }

    const HTTPS: &str = "https://app.example.com/nango/oauth-callback";

    fn check(guard: &CallbackGuard, cookie: &str, later: u64) -> Result<(), CookieFault> {
        let mut headers = HeaderMap::new();
        if !cookie.is_empty() {
            headers.insert(COOKIE, cookie.parse().unwrap());
        }
        guard.check(&headers, Timestamp::now().saturating_add(Duration::from_secs(later)))
    }

    fn cookie(guard: &CallbackGuard) -> String {
        let header = guard.set_cookie(Timestamp::now().saturating_add(Duration::from_secs(1800)));
        header.split(';').next().unwrap().to_owned()
    }

    #[test]
    fn the_address_of_the_callback_decides_on_the_cookies_attributes() {
        let until = Timestamp::now().saturating_add(Duration::from_secs(1800));
        let secure = guard(HTTPS, &[], None).unwrap().set_cookie(until);
        assert!(secure.starts_with("__Host-nango_attempt="), "{secure}");
        assert!(secure.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{secure}");
        assert!(secure.contains("; Path=/; Max-Age=1") && !secure.contains("Domain"), "{secure}");
        for url in ["http://localhost:3000/cb", "http://127.0.0.1/cb", "http://[::1]:3000/cb"] {
            let local = guard(url, &[], None).unwrap().set_cookie(until);
            assert!(local.starts_with("nango_attempt=") && !local.contains("Secure"), "{local}");
        }
        for url in
            ["http://app.example.com/cb", "app.example.com", "ftp://localhost/", "", "http://10.0.0.1/"]
        {
            assert!(matches!(guard(url, &[], None), Err(ConfigError::InvalidCallbackUrl)), "{url}");
        }
    }

    #[test]
    fn a_cookie_counts_until_it_expires() {
        let guard = guard(HTTPS, &[], None).unwrap();
        let cookie = cookie(&guard);
        assert_eq!(check(&guard, &cookie, 0), Ok(()));
        assert_eq!(check(&guard, &format!("a=b; {cookie} ; c"), 1800 + 30), Ok(()), "clocks may differ");
        assert_eq!(check(&guard, &cookie, 1800 + 61), Err(CookieFault::Expired));
        assert_eq!(check(&guard, "", 0), Err(CookieFault::Missing));
        assert_eq!(check(&guard, &cookie.replace("__Host-", ""), 0), Err(CookieFault::Missing));
    }

    #[test]
    fn one_right_cookie_among_others_is_enough() {
        let guard = guard(HTTPS, &[], None).unwrap();
        let cookie = cookie(&guard);
        let planted = format!("{SECURE_NAME}=AAAA; {cookie}");
        assert_eq!(check(&guard, &planted, 0), Ok(()));
        assert_eq!(check(&guard, &format!("{SECURE_NAME}=AAAA"), 0), Err(CookieFault::Forged));
    }

    #[test]
    fn other_keys_and_other_apps_do_not_take_it() {
        let old = cookie(&guard(HTTPS, &["old"], Some("crm")).unwrap());
        let check = |keys: &[&str], app| check(&guard(HTTPS, keys, app).unwrap(), &old, 0);
        assert_eq!(check(&["new", "old"], Some("crm")), Ok(()), "while keys are rotated");
        assert_eq!(check(&["new"], Some("crm")), Err(CookieFault::Forged));
        assert_eq!(check(&["old"], Some("billing")), Err(CookieFault::Forged));
    }
}
