//! Web pages that attack the emulator on their visitor's machine: foreign origins, DNS rebinding,
//! echoed credentials.

mod echoes;
mod hosts;
mod origins;

use nango_emulator::{Credentials, Emulator, EmulatorBuilder};
use reqwest::{Method, RequestBuilder};

use crate::support::http;

const API_KEY: &str = "sk-typed-into-the-demo";

/// Starts an emulator with a connection whose API key an attacker wants.
async fn emulator(key: Option<&str>) -> (Emulator, String) {
    let builder = Emulator::builder();
    let builder = key.into_iter().fold(builder, EmulatorBuilder::secret_key);
    let nango = builder.start().await.unwrap();
    let token = nango.create_session(&[]);
    let made = nango.connect(&token, "openai", Credentials::api_key(API_KEY)).await.unwrap();
    (nango, made.connection_id)
}

fn ask(nango: &Emulator, method: &Method, path: &str, key: &str) -> RequestBuilder {
    let url = format!("{}{path}", nango.local_url());
    http().request(method.clone(), url).header("authorization", format!("Bearer {key}"))
}
