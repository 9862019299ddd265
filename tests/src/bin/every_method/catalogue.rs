//! Providers, integrations, functions, and the environment.

use nango_client::{FunctionKind, NewCredentials, OAuthClient};

use crate::context::Context;
use crate::steps::{Outcome, refused};

pub(crate) async fn providers(Context { client, steps, .. }: &Context) -> Outcome<()> {
    steps.begin("listProviders").await?;
    client.providers(Some("acm")).await?;
    steps.begin("getProvider").await?;
    client.provider("acme").await?;
    steps.begin("getProviderTemplates").await?;
    client.provider_templates("acme").await?;
    Ok(())
}

pub(crate) async fn integrations(Context { client, steps, .. }: &Context) -> Outcome<()> {
    steps.begin("createIntegration").await?;
    let app = NewCredentials::OAuth2(OAuthClient::new("id", "secret").scopes(["a", "b"]));
    client.create_integration("crm", "hubspot").display_name("CRM").credentials(app).send().await?;
    steps.begin("createQuickstartIntegration").await?;
    client.create_quickstart_integration("quick", "slack").display_name("Quick").send().await?;
    steps.begin("listIntegrations").await?;
    client.integrations().await?;
    steps.begin("getIntegration").await?;
    client.integration("crm").send().await?;
    steps.begin("getIntegration, with both includes").await?;
    client.integration("crm").with_webhook_url().with_credentials().send().await?;
    steps.begin("updateIntegration").await?;
    let change = client.update_integration("crm").id("crm-2").display_name("CRM 2").forward_webhooks(false);
    change.send().await?;
    steps.begin("deleteIntegration").await?;
    client.delete_integration("crm-2").await?;
    Ok(())
}

pub(crate) async fn functions(Context { client, steps, .. }: &Context) -> Outcome<()> {
    steps.begin("listFunctions").await?;
    client.functions("acme").kind(FunctionKind::Sync).search("con").page(1).limit(5).send().await?;
    steps.begin("listFunctions, without options").await?;
    client.functions("acme").send().await?;
    steps.begin("getFunction").await?;
    client.function("acme", "contacts", None).await?;
    steps.begin("getFunctionCode").await?;
    client.function_code("acme", "greet", Some(&FunctionKind::Action)).await?;
    steps.begin("deleteFunction").await?;
    let deleted = client.delete_function("acme", "greet", &FunctionKind::Action).await;
    refused(deleted, "function_managed_by_deploy")?;
    steps.begin("getScriptsConfig").await?;
    client.scripts_config().await?;
    steps.begin("getScriptsConfig, for OpenAI").await?;
    client.openai_functions().await?;
    steps.begin("getEnvironmentVariables").await?;
    client.environment_variables().await?;
    Ok(())
}
