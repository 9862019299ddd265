//! Generated logos: a provider's initial on a color derived from its name. Real logos are
//! trademarks.

use axum::{extract::Path, response::Response};

use crate::http::reply;

/// `GET /images/template-logos/{file}`.
pub(crate) async fn get(Path(file): Path<String>) -> Response {
    let name = file.trim_end_matches(".svg");
    let hue = name.bytes().fold(7_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into())) % 360;
    let initial = name.chars().find(char::is_ascii_alphanumeric).unwrap_or('n').to_ascii_uppercase();
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="hsl({hue} 54% 36%)"/><text x="32" y="43" font-family="system-ui,sans-serif" font-size="32" font-weight="600" text-anchor="middle" fill="#fff">{initial}</text></svg>"##
    );
    reply::typed(200, "image/svg+xml", svg)
}
