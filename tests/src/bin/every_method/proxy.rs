//! The proxy.

use nango_client::ProxyRequest;
use nango_client::http::{Method, StatusCode};
use serde_json::json;

use crate::context::Context;
use crate::steps::Outcome;

async fn expect_ok(request: ProxyRequest) -> Outcome<()> {
    let _ = request.send().await?.error_for_status()?;
    Ok(())
}

pub(crate) async fn calls(Context { client, steps, main, elsewhere, .. }: &Context) -> Outcome<()> {
    let proxy = client.proxy(main);
    steps.begin("proxy").await?;
    let request = proxy
        .request(Method::from_bytes(b"REPORT")?, "/echo")
        .query("q", "a b")
        .query("page", 2)
        .header("X-Trace", "one")
        .json(&json!({ "depth": 1 }))
        .retries(2)
        .retry_on([StatusCode::NOT_FOUND, StatusCode::CONFLICT])
        .base_url(elsewhere)
        .decompress()
        .forward_headers_on_redirect();
    expect_ok(request).await?;
    steps.begin("get").await?;
    expect_ok(proxy.get("/echo").raw_query("?q=1&q=2")).await?;
    steps.begin("post").await?;
    expect_ok(proxy.post("/echo").json(&json!({ "x": [1, "é"] }))).await?;
    steps.begin("put").await?;
    expect_ok(proxy.put("/echo").json(&json!({ "x": 1 }))).await?;
    steps.begin("patch").await?;
    expect_ok(proxy.patch("/echo").json(&json!({ "x": 1 }))).await?;
    steps.begin("delete").await?;
    expect_ok(proxy.delete("/echo").json(&json!({ "x": 1 }))).await?;
    Ok(())
}
