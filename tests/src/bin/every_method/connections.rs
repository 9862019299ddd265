//! Sessions and connections.

use std::time::Duration;

use nango_client::{ConnectionKey, IntegrationDefaults, SessionDefaults, Tags, Waited};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::steps::Outcome;

fn tags(pairs: &[(&str, &str)]) -> Outcome<Tags> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        tags.insert(key, *value)?;
    }
    Ok(tags)
}

pub(crate) async fn sessions(Context { client, steps, main, .. }: &Context) -> Outcome<()> {
    let mine = tags(&[("end_user_id", "u-1")])?;
    steps.begin("createConnectSession").await?;
    let slack = IntegrationDefaults::new()
        .user_scopes("chat:write")
        .authorization_param("prompt", "x")
        .connection_config("region", "eu");
    let defaults =
        SessionDefaults::new().integration("slack", slack).webhook_url("https://app.example.com/nango");
    let both = tags(&[("end_user_id", "u-1"), ("plan", "Pro")])?;
    client.create_connect_session(&both, &["acme", "slack"], &defaults).await?;
    steps.begin("createConnectSession, for all integrations").await?;
    client.create_connect_session_for_all(&mine, &SessionDefaults::new()).await?;
    steps.begin("createReconnectSession").await?;
    client.create_reconnect_session(main, &mine, &SessionDefaults::new()).await?;
    Ok(())
}

pub(crate) async fn reads(Context { client, steps, main, slack, .. }: &Context) -> Outcome<()> {
    steps.begin("listConnections").await?;
    let list = client.connections().tag("end_user_id", "u-main").integrations(["acme", "slack"]);
    let _ = list.limit(50).page(1).send().await?;
    steps.begin("listConnections, without a page").await?;
    let _ = client.connections().connection_id("main").send().await?;
    steps.begin("listConnections, by search").await?;
    let _ = client.connections().search("mai").limit(5).send().await?;
    steps.begin("waitForConnection").await?;
    let list = client.connections().end_user("ada");
    let is_acme = |found: &nango_client::Connection| found.key.integration() == "acme";
    if matches!(list.wait_for(Duration::from_secs(1), is_acme).await?, Waited::TimedOut) {
        return Err("there is no connection to wait for".into());
    }
    steps.begin("getConnection").await?;
    client.connection(main).await?;
    steps.begin("getConnection, with each option").await?;
    let read = client.connection_details(slack).force_refresh().with_refresh_token();
    read.refresh_github_app_token().send().await?;
    steps.begin("getConnection, with a slash in its id").await?;
    client.connection(&ConnectionKey::new("acme", "team/7")).await?;
    steps.begin("getToken").await?;
    client.token(slack).await?;
    steps.begin("getRawTokenResponse").await?;
    let details = client.connection_details(slack).send().await?;
    details.credentials.raw().ok_or("the credentials have no raw response")?;
    Ok(())
}

pub(crate) async fn changes(Context { client, steps, main, .. }: &Context) -> Outcome<()> {
    fn metadata(value: &Value) -> Outcome<Map<String, Value>> {
        value.as_object().cloned().ok_or_else(|| "metadata is an object".into())
    }
    let several = ["main", "other"];
    steps.begin("patchConnection").await?;
    client.update_connection(main).tags(&tags(&[("plan", "Pro")])?).webhook_url(None).send().await?;
    steps.begin("setMetadata").await?;
    client.set_metadata(main, &metadata(&json!({ "a": 1, "b": { "c": [2] } }))?).await?;
    steps.begin("setMetadata, of several").await?;
    client.set_metadata_of_many("acme", &several, &metadata(&json!({ "a": 1 }))?).await?;
    steps.begin("updateMetadata").await?;
    client.update_metadata(main, &metadata(&json!({ "b": null }))?).await?;
    steps.begin("updateMetadata, of several").await?;
    client.update_metadata_of_many("acme", &several, &metadata(&json!({ "b": 3 }))?).await?;
    steps.begin("getMetadata").await?;
    client.metadata(main).await?;
    Ok(())
}

pub(crate) async fn deletion(Context { client, steps, .. }: &Context) -> Outcome<()> {
    steps.begin("deleteConnection").await?;
    client.delete_connection(&ConnectionKey::new("acme", "other")).await?;
    Ok(())
}
