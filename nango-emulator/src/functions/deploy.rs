//! Deployments by Nango's CLI (data plane reference 8). The emulator does not run their TypeScript:
//! what a function does comes from the test or the configuration.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::auth;
use crate::check::{Fields, wrong_type};
use crate::http::{ApiError, Call, refuse_body, reply};
use crate::model::State as Model;
use crate::model::functions::{Deployment, FunctionKind};
use crate::runs;

/// `POST /sync/deploy`.
pub(crate) async fn deploy(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:deploy"])?;
    let (all, reconcile) = read(&call)?;
    for one in &all {
        if app.read(|state| state.integration(&one.integration).is_none()) {
            let message = format!("There is no Provider Configuration matching {:?}", one.integration);
            return Err(ApiError::new(400, "unknown_provider_config", message));
        }
    }
    let answer: Vec<_> = all.iter().filter(|one| one.kind != FunctionKind::OnEvent).map(deployed).collect();
    let now = app.clock.now();
    app.write(|state| {
        if reconcile {
            state.functions.retain(|old| all.iter().any(|one| old.is(one.kind, &one.integration, &one.name)));
        }
        for one in all {
            state.functions.deploy(one, now);
        }
    });
    runs::functions_changed(&app);
    Ok(reply::json(200, &answer))
}

fn deployed(one: &Deployment) -> Value {
    json!({
        "name": one.name,
        "models": one.models,
        "version": one.version,
        "providerConfigKey": one.integration,
        "type": one.kind.name(),
    })
}

fn read(call: &Call) -> Result<(Vec<Deployment>, bool), ApiError> {
    let mut fields = call.fields()?;
    let sdk_version = fields.take("sdkVersion").and_then(Value::as_str);
    let reconcile = fields.boolean("reconcile").unwrap_or(false);
    let flows = array(&mut fields, "flowConfigs");
    let on_events = match fields.take("onEventScriptsByProvider") {
        Some(Value::Array(items)) => items.as_slice(),
        _ => &[],
    };
    refuse_body(&fields.issues)?;
    let invalid = |message: String| ApiError::new(400, "invalid_body", message);
    let mut all = Vec::new();
    for flow in flows.iter().filter_map(Value::as_object) {
        let mut one = of_flow(flow);
        one.sdk_version = sdk_version.map(str::to_owned);
        all.push(one.check().map_err(invalid)?);
    }
    for group in on_events {
        let integration = group.get("providerConfigKey").and_then(Value::as_str).unwrap_or_default();
        let scripts = group.get("scripts").and_then(Value::as_array);
        for script in scripts.into_iter().flatten() {
            let name = script.get("name").and_then(Value::as_str).unwrap_or_default();
            all.push(Deployment::new(FunctionKind::OnEvent, integration, name).check().map_err(invalid)?);
        }
    }
    Ok((all, reconcile))
}

fn array<'a>(fields: &mut Fields<'a>, name: &'static str) -> &'a [Value] {
    match fields.take(name) {
        Some(Value::Array(items)) => items,
        other => {
            fields.push(wrong_type("array", other, &[name]));
            &[]
        }
    }
}

fn of_flow(flow: &Map<String, Value>) -> Deployment {
    let text = |name: &str| flow.get(name).and_then(Value::as_str).map(str::to_owned);
    let texts = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let yes = |name: &str| flow.get(name).and_then(Value::as_bool);
    let metadata = |name: &str| flow.get("metadata").and_then(|metadata| metadata.get(name));
    let kind = flow.get("type").and_then(Value::as_str).and_then(FunctionKind::of);
    let integration = text("providerConfigKey").unwrap_or_default();
    let name = text("syncName").unwrap_or_default();
    let mut one = Deployment::new(kind.unwrap_or(FunctionKind::Sync), &integration, &name);
    one.models = texts(flow.get("models"));
    one.description = metadata("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    one.scopes = texts(metadata("scopes"));
    one.version = text("version").unwrap_or(one.version);
    one.input = text("input");
    one.json_schema = flow.get("models_json_schema").cloned();
    one.attributes = flow.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    one.runs = text("runs");
    one.auto_start = yes("auto_start").unwrap_or(true);
    one.track_deletes = yes("track_deletes").unwrap_or(false);
    one.features = texts(flow.get("features"));
    one.webhook_subscriptions = texts(flow.get("webhookSubscriptions"));
    one.code = flow.get("fileBody").and_then(|body| body.get("ts")?.as_str().map(str::to_owned));
    one
}

/// `POST /sync/deploy/confirmation`: what a deployment would change.
pub(crate) async fn confirm(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:deploy"])?;
    let (all, _) = read(&call)?;
    Ok(reply::json(200, &app.read(|state| difference(state, &all))))
}

fn difference(state: &Model, all: &[Deployment]) -> Value {
    let entry = |one: &Deployment| match one.kind {
        FunctionKind::Sync => json!({
            "name": one.name,
            "providerConfigKey": one.integration,
            "connections": state.connections.with_integration(&one.integration).count(),
            "auto_start": one.auto_start,
        }),
        _ => json!({ "name": one.name, "providerConfigKey": one.integration }),
    };
    let given = |kind, known: bool| -> Vec<_> {
        let of_kind = all.iter().filter(|one| one.kind == kind);
        let is_known = |one: &&Deployment| state.functions.get(kind, &one.integration, &one.name).is_some();
        of_kind.filter(|one| is_known(one) == known).map(entry).collect()
    };
    let gone = |kind| -> Vec<_> {
        let old = state.functions.all().iter().map(|old| &old.deployed).filter(|old| old.kind == kind);
        let stays = |old: &Deployment| {
            all.iter()
                .any(|one| one.kind == kind && one.integration == old.integration && one.name == old.name)
        };
        old.filter(|old| !stays(old)).map(entry).collect()
    };
    let models = |all: &mut dyn Iterator<Item = &Deployment>| -> Vec<String> {
        all.filter(|one| one.kind == FunctionKind::Sync).flat_map(|one| one.models.clone()).collect()
    };
    let (old, new) =
        (models(&mut state.functions.all().iter().map(|one| &one.deployed)), models(&mut all.iter()));
    let deleted: Vec<_> = old.into_iter().filter(|model| !new.contains(model)).collect();
    json!({
        "newSyncs": given(FunctionKind::Sync, false),
        "updatedSyncs": given(FunctionKind::Sync, true),
        "newActions": given(FunctionKind::Action, false),
        "updatedActions": given(FunctionKind::Action, true),
        "deletedSyncs": gone(FunctionKind::Sync),
        "deletedActions": gone(FunctionKind::Action),
        "deletedModels": deleted,
        "newOnEventScripts": given(FunctionKind::OnEvent, false),
        "updatedOnEventScripts": given(FunctionKind::OnEvent, true),
        "deletedOnEventScripts": gone(FunctionKind::OnEvent),
    })
}
