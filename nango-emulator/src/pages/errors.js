// Errors, with a code for programs and a text for users.

export class ApiError extends Error {
  constructor(status, body) {
    const error = (body && body.error) || {};
    const details = (error.errors || []).map((one) => one.message).join("\n");
    super(error.message || details || `The server answered ${status}.`);
    this.code = error.code || "unknown_error";
    this.status = status;
  }
}

// User texts for error codes that address developers.
export const FRIENDLY = {
  callback_err: "Access was not allowed.",
  connection_validation_failed: "Access was not allowed.",
  unknown_err: "The other side did not confirm the access. Please try again.",
  unknown_connect_session_token: "This session has expired. Please close this window and start again.",
};
