//! Replies that are not the expected ones.

use reqwest::Response;

pub(super) const MOUNTED: &str = "check --app, which is the address that the routes are mounted at";

pub(super) fn status(reply: &Response) -> String {
    format!("the app replies with {}", reply.status().as_u16())
}
