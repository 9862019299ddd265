//! The WebSocket at the server root, which tells the opener how its popup ended: one message.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::extract::ws::{Message, WebSocket};
use serde_json::json;
use tokio::sync::mpsc;

use super::flow::{Flow, FlowError};
use crate::{app::App, connections::Connection};

/// Who listens, by `ws_client_id`.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<HashMap<String, mpsc::Sender<String>>>);

impl Listeners {
    /// Nobody gets a second message.
    fn tell(&self, ws_client_id: Option<&str>, message: &serde_json::Value) {
        let Some(id) = ws_client_id else { return };
        let listener = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        if let Some(listener) = listener {
            // The channel holds one message, and this is the only one.
            let _ = listener.try_send(message.to_string());
        }
    }
}

pub(crate) fn success(app: &App, flow: &Flow, connection: &Connection) {
    let message = json!({
        "message_type": "success",
        "provider_config_key": connection.integration,
        "connection_id": connection.connection_id,
        "is_pending": false,
    });
    app.listeners.tell(flow.ws_client_id.as_deref(), &message);
}

pub(crate) fn failure(
    app: &App,
    ws_client_id: Option<&str>,
    integration: &str,
    connection_id: &str,
    error: &FlowError,
) {
    let message = json!({
        "message_type": "error",
        "provider_config_key": integration,
        "connection_id": connection_id,
        "error_type": error.ws_type,
        "error_desc": error.description,
    });
    app.listeners.tell(ws_client_id, &message);
}

/// Greets a client with its id and waits for the end of its flow.
pub(crate) async fn serve(app: App, mut socket: WebSocket) {
    let id = app.ids.uuid();
    let (sender, mut messages) = mpsc::channel(1);
    let listeners = || app.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
    listeners().insert(id.clone(), sender);
    let hello = json!({ "message_type": "connection_ack", "ws_client_id": id }).to_string();
    let mut stop = app.stop.subscribe();
    let talk = async {
        socket.send(Message::Text(hello.into())).await.ok()?;
        loop {
            tokio::select! {
                told = messages.recv() => {
                    socket.send(Message::Text(told?.into())).await.ok()?;
                    break;
                }
                received = socket.recv() => received?.ok()?,
            };
        }
        // Told; the client hangs up when it has read it.
        while let Some(Ok(_)) = socket.recv().await {}
        Some(())
    };
    tokio::select! {
        _ = talk => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    listeners().remove(&id);
}
