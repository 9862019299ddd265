// The differences between the Node SDK's requests and ours that are meant. Any other fails the test, and so does one of these that no
// longer occurs.

/** A difference that the steps share: the part of the request, both sides, and the reason. */
const shared = (because, part, node, ours, steps) => steps.map((step) => ({ step, part, node, ours, because }));

const WITHOUT_A_PAGE = ['listConnections, without a page', 'waitForConnection'];

/** Steps that read a connection without options. */
const PLAIN_READS = ['getConnection', 'getConnection, with a slash in its id', 'getToken', 'getRawTokenResponse', 'getMetadata'];

const SPELLED_OUT = "Nango's default, spelled out: the end of a walk over pages is known by their length";
const NO_OPTION = 'an option that is not set is not sent: false is what Nango takes it for';
const NO_SLASH = "the address has no slash at its end, as in Nango's documentation; a server takes both";
const ENCODED = 'ids are percent-encoded: one with a slash is another path for the SDK, and not found';

export const DIFFERENCES = [
  ...shared(SPELLED_OUT, 'query.limit', undefined, ['100'], [...WITHOUT_A_PAGE, 'listRecords, without options']),
  ...shared(SPELLED_OUT, 'query.page', undefined, ['0'], [...WITHOUT_A_PAGE, 'listConnections, by search', 'listFunctions, without options']),
  ...shared(SPELLED_OUT, 'query.limit', undefined, ['20'], ['listFunctions, without options']),

  ...['force_refresh', 'refresh_token', 'refresh_github_app_jwt_token'].flatMap((option) =>
    shared(NO_OPTION, `query.${option}`, ['false'], undefined, PLAIN_READS)),
  ...shared(NO_OPTION, 'query.format', ['nango'], undefined, ['getScriptsConfig']),

  ...shared(NO_SLASH, 'path', '/records/', '/records', ['listRecords', 'listRecords, without options']),
  ...shared(ENCODED, 'path', '/connections/team/7', '/connections/team%2F7', ['getConnection, with a slash in its id']),
  ...shared(ENCODED, 'status', 500, 200, ['getConnection, with a slash in its id']),
  ...shared('both are asked for; the SDK sends the last one alone', 'query.include', ['credentials'], ['webhook', 'credentials'], [
    'getIntegration, with both includes',
  ]),
  ...shared('a sync that is named without a variant is its base, which is said', 'body.sync_variant', undefined, 'base', [
    'updateSyncConnectionFrequency, back to the first',
  ]),
];
