//! A browser: it keeps the session's cookie, and follows no redirect.

use std::sync::Mutex;

use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::Value;

pub(crate) struct Browser {
    http: Client,
    url: String,
    cookie: Mutex<Option<String>>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) policy: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.body))
    }
}

impl Browser {
    pub(crate) fn new(url: &str) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { http, url: url.to_owned(), cookie: Mutex::default() }
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "", "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, "", "").await
    }

    /// Sends JSON, as the page's script does.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &body.to_string(), "same-origin").await
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Reply {
        self.submit("/login", &format!("email={email}&password={password}"), "same-origin").await
    }

    /// Sends a form of a page on this site.
    pub(crate) async fn submit(&self, path: &str, form: &str, site: &str) -> Reply {
        self.send(Method::POST, path, form, site).await
    }

    async fn send(&self, method: Method, path: &str, body: &str, site: &str) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).body(body.to_owned());
        if !site.is_empty() {
            request = request.header("sec-fetch-site", site);
        }
        if body.contains('=') {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = self.cookie() {
            request = request.header("cookie", cookie);
        }
        let reply = request.send().await.unwrap();
        for cookie in reply.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            if cookie.starts_with("session=") {
                self.set_cookie(Some(cookie.to_owned()).filter(|cookie| cookie != "session="));
            }
        }
        let header = |name: &str| {
            reply.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (location, policy) = (header("location"), header("content-security-policy"));
        Reply { status: reply.status().as_u16(), location, policy, body: reply.text().await.unwrap() }
    }
}
