// What the page says where programs have only codes. The messages of the routes are for developers.

const SENTENCES = {
  integration_not_allowed: 'It cannot be connected here.',
  nango_unavailable: 'The service that keeps your connections does not answer. Try again in a minute.',
  not_found: 'It is no longer there. Reload this page.',
  offline: 'Our server cannot be reached. Check your internet connection, then try again.',
  provider_busy: 'It is busy at the moment. Try again in a minute.',
  reconnect: 'It no longer accepts this connection. Reconnect it.',
  store_unavailable: 'Your connections cannot be read at the moment. Try again in a minute.',
  too_many_requests: 'That was too often. Wait a minute, then try again.',
};

/** A sentence for a customer. What only we can mend has no details: a customer can do nothing with them. */
export function sentence(code) {
  return SENTENCES[code] ?? 'Something went wrong on our side. Try again, and tell us if it stays so.';
}

/** An error of the Connect UI. Its own message stands in the Connect UI already. */
export function reason(payload) {
  const text = `${payload?.errorType ?? ''} ${payload?.errorMessage ?? ''}`;
  if (/denied/i.test(text)) {
    return 'access was denied.';
  }
  if (/connection_test_failed/.test(text)) {
    return 'what you entered was not accepted.';
  }
  if (/blocked/.test(text)) {
    return 'your browser blocked its window.';
  }
  if (/expired|unknown_connect_session_token/i.test(text)) {
    return 'it took too long. Try again.';
  }
  return 'it did not work. Try again.';
}

/** The state of a connection, in a list. */
export const HEALTH = {
  healthy: 'Connected',
  degraded: 'Has trouble that may pass',
  needs_reconnect: 'Needs to be reconnected',
  gone: 'No longer connected',
  unknown: 'Not checked lately',
};

/** What has happened at a tool, in the list of events. */
export const EVENT = {
  async_action: 'An action has ended',
  forward: 'It sent a notification',
  sync: 'Its data was read',
};

/** What a check has found, for a connection that does not work. */
export const TROUBLE = {
  degraded: 'does not work at the moment. That may pass: check it again in a minute.',
  needs_reconnect: 'does not work any more. Reconnect it.',
  gone: 'is no longer connected.',
  unknown: 'could not be checked. Try again later.',
};
