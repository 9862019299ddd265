//! Heads of requests, and the way from a path to its route.

use http::Request;
use http::request::Parts;
use nango_core::routes::Route;

use crate::deliveries::auth;

/// Returns the path of the route that is tried last but few, and has a handle in it.
#[must_use]
pub fn connection_path() -> &'static str {
    "/nango/connections/Zm9yIG9uZSBjb25uZWN0aW9u"
}

/// Returns the route of a request, as an adapter of a framework finds it that has no router.
#[must_use]
pub fn find_route(path: &str) -> Option<Route> {
    Route::ALL.iter().copied().find(|route| route.matches_suffix(path))
}

/// Returns the head of a delivery.
///
/// # Panics
///
/// When it is not a head.
#[must_use]
pub fn webhook_head() -> Parts {
    let mut head = Request::post("/nango/webhook").body(()).expect("a head").into_parts().0;
    head.headers = auth().headers;
    head
}

/// Returns the head of a request that a page of the app sends.
///
/// # Panics
///
/// When it is not a head.
#[must_use]
pub fn owner_head() -> Parts {
    Request::delete(connection_path())
        .header("host", "app.example")
        .header("origin", "https://app.example")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", "session=5dbf086b83314835")
        .header("content-length", "0")
        .body(())
        .expect("a head")
        .into_parts()
        .0
}
