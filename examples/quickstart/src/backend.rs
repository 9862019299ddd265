//! The Nango that the app uses: the one in the environment, or an emulator.

use std::time::Duration;

use nango_core::{BoxError, Client, Nango, NangoBuilder, SigningKeys};
use nango_emulator::{Emulator, EmulatorError};
use url::{Host, Url};

use crate::args::Args;
use crate::database::Database;
use crate::key::emulator_keys;
use crate::nango::{configure, host, of_environment, secret_key, variable};
use crate::storage::Storage;
use crate::web::{ConnectUi, Offer};

/// The emulator's integrations: those of a small product, and two of Google's.
const INTEGRATIONS: [&str; 6] = ["freshdesk", "google-calendar", "google-mail", "hubspot", "openai", "slack"];
const CONNECT_UI_TIMEOUT: Duration = Duration::from_secs(5);
const CLOUD_CONNECT_UI: &str = "https://connect.nango.dev/";

#[derive(Debug)]
pub struct Backend {
    pub nango: Nango,
    pub offers: Vec<Offer>,
    pub connect: ConnectUi,
    /// The callback that is guarded, if one is.
    pub callback: Option<Url>,
}

/// Connects to Nango, and starts the emulator if the environment has no key. The emulator stops
/// when it is dropped.
pub async fn start(
    args: &Args,
    address: &str,
    database: &Database,
    storage: &Storage,
) -> Result<(Backend, Option<Emulator>), BoxError> {
    let store = storage.store.clone();
    if let Some(key) = secret_key() {
        let callback = args.callback_url.clone();
        let builder = configure(of_environment(store)?, storage);
        return Ok((finish(args, &host(), &key, callback, builder).await?, None));
    }
    let keys = emulator_keys(&database.companion("emulator.keys.json"))?;
    let callback = match &args.callback_url {
        Some(url) => url.clone(),
        None => own_callback(address)?,
    };
    let emulator = Emulator::builder()
        .secret_key(keys.api_key)
        .signing_key(keys.webhook_signing_key)
        .listen(args.emulator.to_string())
        .webhook_url(format!("{address}/nango/webhook"))
        .callback_url(callback.as_str())
        .integrations(INTEGRATIONS)
        .data_file(database.companion("emulator.json"))
        .start()
        .await
        .map_err(|error| match error {
            EmulatorError::Bind { address, source } => format!(
                "the emulator cannot listen on {address}: {source}; choose another address with --emulator"
            )
            .into(),
            other => BoxError::from(other),
        })?;
    let (host, key) = (emulator.url().to_owned(), emulator.secret_key().to_owned());
    let keys = SigningKeys::new([emulator.signing_key()])?;
    let builder = configure(Nango::builder(key.as_str(), keys, store).host(&host), storage);
    Ok((finish(args, &host, &key, Some(callback), builder).await?, Some(emulator)))
}

async fn finish(
    args: &Args,
    host: &str,
    key: &str,
    callback: Option<Url>,
    mut builder: NangoBuilder,
) -> Result<Backend, BoxError> {
    if let Some(url) = &args.public_host {
        builder = builder.public_host(url);
    }
    let callback = callback.filter(|url| !args.unguarded_callback && can_be_guarded(args, url));
    if let Some(url) = &callback {
        builder = builder.guard_callback(url.as_str());
    }
    let offers = offers(&Client::new(host, key)?, &args.integrations).await?;
    let nango = builder.allowed_integrations(offers.iter().map(|offer| &offer.id)).build()?;
    let api_url = Url::parse(nango.unscoped_client().public_url())?;
    let connect_url = variable("NANGO_PUBLIC_CONNECT_URL").map(|url| Url::parse(&url)).transpose()?;
    let url = match args.connect_url.clone().or(connect_url) {
        Some(url) => url,
        None if is_loopback(&api_url) => local_connect_ui(&api_url).await?,
        None => Url::parse(CLOUD_CONNECT_UI)?,
    };
    let connect = ConnectUi::new(url, &api_url, args.sdk_url.clone());
    Ok(Backend { nango, offers, connect, callback })
}

fn own_callback(address: &str) -> Result<Url, BoxError> {
    let mut url = Url::parse(&format!("{address}/nango/oauth-callback"))?;
    let is_any = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_unspecified(),
        _ => false,
    };
    if is_any {
        // A browser elsewhere reaches neither the app nor its emulator by such an address.
        url.set_host(Some("127.0.0.1"))?;
    }
    Ok(url)
}

/// Returns whether browsers keep the cookie of the guard: not on http, except on this machine.
fn can_be_guarded(args: &Args, callback: &Url) -> bool {
    let can_be = args.callback_url.is_some() || is_loopback(callback);
    if !can_be {
        eprintln!(
            "the callback {callback} has no https and is not guarded; set --callback-url to one that has"
        );
    }
    can_be
}

/// Returns the Connect UI of a Nango on this machine. An emulator serves it itself; with a server it
/// is a program of its own, whose address nothing says. Without it nothing can be connected.
async fn local_connect_ui(api_url: &Url) -> Result<Url, BoxError> {
    let url = api_url.join("/connect/")?;
    // The environment's proxy cannot reach this machine.
    let http = reqwest::Client::builder().no_proxy().timeout(CONNECT_UI_TIMEOUT).build()?;
    let found = match http.get(url.clone()).send().await {
        Ok(reply) if reply.status().is_success() => return Ok(url),
        Ok(reply) => format!("status {}", reply.status().as_u16()),
        Err(_) => "no reply".to_owned(),
    };
    Err(format!(
        "there is no Connect UI at {url} ({found}); set NANGO_CONNECT_URL to its address, which for a self-hosted Nango is \
         http://localhost:3009 by default"
    )
    .into())
}

/// Fetches the integrations that Nango lists, limited to the wanted ones if any are given.
async fn offers(client: &Client, wanted: &[String]) -> Result<Vec<Offer>, BoxError> {
    let mut offers: Vec<Offer> = client
        .integrations()
        .await?
        .into_iter()
        .map(|integration| Offer { id: integration.id, name: integration.display_name })
        .collect();
    if offers.is_empty() {
        return Err("Nango has no integrations; add one in its dashboard".into());
    }
    if let Some(unknown) = wanted.iter().find(|id| offers.iter().all(|offer| offer.id != **id)) {
        let known: Vec<&str> = offers.iter().map(|offer| offer.id.as_str()).collect();
        return Err(format!("Nango has no integration `{unknown}`; choose from {}", known.join(", ")).into());
    }
    offers.retain(|offer| wanted.is_empty() || wanted.contains(&offer.id));
    offers.sort_by_key(|offer| offer.name.to_lowercase());
    Ok(offers)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
