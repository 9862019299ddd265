// Connecting on the provider's page in a popup.
import { paramsOf } from "./api.js";
import { connected } from "./shell.js";
import { apiOrigin, apiURL, query, state } from "./state.js";

const detectClosed = query.get("detectClosedAuthWindow") === "true";

export function byPopup(work) {
  const { integration, inputs } = work;
  if (state.busy) state.busy.cancel();
  // Opened within the click: the browser blocks later popups.
  const width = 520, height = 720;
  const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2);
  const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2);
  const popup = window.open("", "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
  if (!popup) {
    const error = new Error("Your browser blocked the window. Please allow it and try again.");
    error.code = "blocked_by_browser";
    return work.failed(error);
  }
  work.working("Waiting for you to finish in the other window…");

  const path = state.session.websocketsPath || "/";
  const socket = new WebSocket(apiURL.replace(/^http/, "ws") + path);
  let settled = false;
  let watcher = 0;
  const stop = () => {
    settled = true;
    clearInterval(watcher);
    socket.close();
    if (state.busy === flow) state.busy = null;
  };
  const flow = {
    cancel: () => {
      stop();
      if (!popup.closed) popup.close();
    },
    // The popup's page sends a message too, and closes once it is acknowledged.
    popupSays: (message, source) => {
      if (source) source.postMessage({ type: "nango_oauth_callback_ack" }, apiOrigin);
      if (message.type !== "nango_oauth_callback_error") return;
      const { errorType, message: text } = message.payload || {};
      const error = new Error(text || "The other window reported a failure.");
      error.code = errorType || "connection_validation_failed";
      flow.fail(error);
    },
    fail: (error) => {
      clearInterval(watcher);
      work.failed(error);
      if (error.code === "window_closed") stop();
    },
  };
  state.busy = flow;

  socket.addEventListener("message", (event) => {
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    if (message.message_type === "connection_ack") {
      const params = paramsOf(inputs);
      params.set("ws_client_id", message.ws_client_id);
      popup.location = `${apiURL}/oauth/connect/${encodeURIComponent(integration.unique_key)}?${params}`;
    } else if (message.message_type === "success") {
      stop();
      connected(integration, message.connection_id, { isPending: Boolean(message.is_pending) });
    } else if (message.message_type === "error") {
      const error = new Error(message.error_desc || "The connection was not made.");
      error.code = message.error_type;
      socket.close();
      flow.fail(error);
    }
  });
  socket.addEventListener("error", () => {
    if (settled) return;
    stop();
    if (!popup.closed) popup.close();
    work.failed(new Error("The server cannot be reached."));
  });
  watcher = setInterval(() => {
    if (!popup.closed || settled) return;
    clearInterval(watcher);
    // The message of a success may be in flight, since the popup closes itself.
    setTimeout(() => {
      if (settled || state.busy !== flow) return;
      if (!detectClosed) return work.idle("Try again", "Finish in the other window, or try again here.");
      const error = new Error("The window was closed before access was allowed.");
      error.code = "window_closed";
      flow.fail(error);
    }, 1000);
  }, 400);
}
