//! WebSocket at the server root. Sends the opener one message about the end of its popup.

use axum::extract::ws::{Message, WebSocket};
use serde_json::json;

use super::outcome::FlowError;
use crate::app::App;
use crate::model::{Connection, Flow};

pub(crate) fn success(app: &App, flow: &Flow, connection: &Connection) {
    let message = json!({
        "message_type": "success",
        "provider_config_key": connection.integration,
        "connection_id": connection.connection_id,
        "is_pending": false,
    });
    app.listeners.send(flow.ws_client_id.as_deref(), &message);
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
    app.listeners.send(ws_client_id, &message);
}

/// Sends a client its id, then the outcome of its flow.
pub(crate) async fn serve(app: App, mut socket: WebSocket) {
    let id = app.ids.uuid();
    let mut messages = app.listeners.add(id.clone());
    let hello = json!({ "message_type": "connection_ack", "ws_client_id": id }).to_string();
    let mut stop = app.stop.subscribe();
    let talk = async {
        socket.send(Message::Text(hello.into())).await.ok()?;
        loop {
            tokio::select! {
                message = messages.recv() => {
                    socket.send(Message::Text(message?.into())).await.ok()?;
                    break;
                }
                received = socket.recv() => received?.ok()?,
            };
        }
        // The client disconnects once it has read the message.
        while let Some(Ok(_)) = socket.recv().await {}
        Some(())
    };
    tokio::select! {
        _ = talk => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    app.listeners.remove(&id);
}
