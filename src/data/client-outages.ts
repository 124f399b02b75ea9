/**
 * `clientOutage`: the outages of clients of databases, queues, brokers, browsers and circuit breakers, known by the shape of their errors.
 *
 * @module
 */
import { type ErrorShape, readField } from "./error-shape.ts";

/**
 * True for what did not get through, false for what the program itself waited for in vain, `undefined` for what another rule, or the cause,
 * has to tell.
 */
export function clientOutage({ error, names, codes, message, status }: ErrorShape): boolean | undefined {
  // A socket file that is not there is a server that is not there.
  if (codes.length > 0 && readField(error, "syscall") === "connect") return true;
  if (pageWait.test(message) && !navigation.test(message)) return false;
  if (codes.some((code) => outageCode.test(code)) || names.some((name) => outageName.test(name))) return true;
  // NATS has a status as its code.
  if (names.includes("NatsError") && codes.some((code) => /^(?:408|503)$/.test(code))) return true;
  return (status === undefined && outageMessage.test(message)) || undefined;
}

/**
 * A wait for something on a page, of Playwright, of Puppeteer: what is waited for is what the agent looks for, so the page may be as it is and
 * the agent wrong. Loading a page, and the browser itself, are others' work.
 */
const pageWait =
  /^(?:\w+\.\w+: Timeout \d+ ?ms exceeded|Waiting for (?:selector|function|element)\b|Waiting failed: \d+ ?ms exceeded|Timed out \d+ ?ms waiting for expect\b)/;
const navigation =
  /^(?:\w+\.(?:goto|goBack|goForward|reload|waitForURL|waitForNavigation|waitForLoadState|setContent|newPage|newContext)|browser(?:Type|Context)?\.\w+):/;

const outageCode = new RegExp(
  [
    // What is said alike by many: CONNECTION_REFUSED, SERVICE_UNAVAILABLE, REQUEST_TIMEOUT.
    "(?:\\w+_)?(?:CONNECTIONS?|CONNECT|SOCKET|NETWORK|SERVER|SERVICE|HOST|BROKER)_(?:REFUSED|RESET|CLOSED?|ENDED|DESTROYED|LOST|DRAINING|ABORTED|FAILED|UNAVAILABLE|UNREACHABLE|TERMINATED)",
    "(?:CONNECTION|CONNECT|SOCKET|NETWORK|SERVER|SERVICE|REQUEST|RESPONSE|AUTHENTICATION|READ|WRITE|GATEWAY)_TIME(?:D_)?OUT|TIME(?:D_)?OUT|DISCONNECT(?:ED)?",
    // NATS
    "AUTHORIZATION_VIOLATION|AUTHENTICATION_EXPIRED|ACCOUNT_EXPIRED|BAD_AUTHENTICATION|IDLE_HEARTBEAT",
    // libuv and circuits: cancelled, shut down, no free place
    "E(?:CANCELED|SHUTDOWN|SEMLOCKED)",
    // ssh2, as the level of its error
    "client-(?:timeout|socket|dns|authentication)",
    "HPE_\\w+",
    // Slack, got
    "\\w+_rate_limited(?:_error)?|ERR_READING_RESPONSE_STREAM",
    // MySQL and MariaDB
    "PROTOCOL_(?:SEQUENCE_TIMEOUT|PACKETS_OUT_OF_ORDER|ENQUEUE_AFTER_FATAL_ERROR)",
    "ER_(?:LOCK_DEADLOCK|SERVER_SHUTDOWN|NORMAL_SHUTDOWN|NET_\\w+|ABORTING_CONNECTION|NEW_ABORTING_CONNECTION|CONNECTION_\\w+|USER_LIMIT_REACHED|OUT_OF_RESOURCES|OUTOFMEMORY|DISK_FULL|ACCESS_DENIED_ERROR|GET_CONNECTION_TIMEOUT|SOCKET_\\w+)",
    // Oracle: the listener, the connection, the instance, the client's own
    "ORA-(?:125\\d\\d|121(?:70|54|60)|0311[345]|0103[34]|01089|00018|00020)|NJS-(?:040|50\\d|51\\d|076)|DPI-1080",
    // PostgREST, Neo4j, ClickHouse
    "PGRST00[0-3]|Neo\\.TransientError\\.\\w+\\.\\w+|TOO_MANY_SIMULTANEOUS_QUERIES",
    // MongoDB: names of codes, and labels
    "AuthenticationFailed",
    "Not(?:Writable)?Primary\\w*|PrimarySteppedDown|InterruptedAtShutdown|InterruptedDueTo\\w+|ShutdownInProgress|Host(?:Unreachable|NotFound)|NetworkTimeout|SocketException",
    "TransientTransactionError|Retryable(?:Write|Read)Error|SystemOverloadedError|ResetPool",
  ]
    .map((parts) => `^(?:${parts})$`)
    .join("|"),
);

const outageName = new RegExp(
  [
    "(?:Broken|Open|Isolated|Hydrating)Circuit|Circuit(?:Breaker)?Open|BulkheadRejected|TaskCancelled|Bottleneck",
    "(?:Client|Server|Broker|Channel|Topology|\\w*Topology|\\w*PoolClosed|\\w*Pool)(?:Closed|Offline|Destroyed|Disconnected)|DisconnectsClient",
    "(?:Closed|Draining|Lost|Refused)Connection|NoResponders|\\w*NotConnected|RootNodesUnavailable|ReconnectStrategy|MaxCommandRedirections|ScanIteratorInterrupted",
    "\\w+TimeoutDuringMaintenance|ClusterAllFailed|NoBrokerAvailable|\\w*SASLAuthentication|TargetClose|PlaywrightTargetClosed|ResourceRequestTimeout",
    "NoHostAvailable|\\w+ResourceExhausted|WeaviateStartUp|Transaction(?:Conflict|InProgress)|RequestAborted|GoogleAuth",
  ]
    .map((parts) => `^(?:${parts})(?:Error|Exception)?$`)
    .join("|"),
);

/** What follows the words of a client: a message of the program's own that begins alike goes on otherwise. */
const outageMessage = new RegExp(
  [
    "^(?:connection|channel|socket|websocket|stream)(?: is| was| has been)? (?:terminated|closed|closing|ended|lost|reset|destroyed)(?=$|[.,]|: The | (?:before handshake|due|unexpectedly|abruptly|prematurely|by|while|during)\\b)",
    "^(?:command|request|query|query read|connection|connect|handshake|socket|job|this job|statement|promise|task|operation) time(?:d )?out(?=$|\\.| after \\d+(?:\\.\\d+)? ?(?:ms|s|sec|milli)| while\\b| waiting\\b)",
    "^(?:timed out (?:after \\d|while waiting for handshake)|timeout expired$|not connected$|no response from server$|heartbeat timeout)",
    "^(?:queue limit reached|no connections available|stream isn't writeable|unexpected close$)",
    "^other side closed\\b",
    // Databases: mongoose, MySQL, Neo4j
    "^operation `[^`]{1,200}` buffering timed out after \\d|^can't add new command when connection is in closed state$|^connection acquisition timed out in \\d",
    // Streams of OpenAI's, Anthropic's, Google's and Ollama's clients that broke off
    "^(?:stream|request) ended without (?:producing|sending|receiving)\\b|^incomplete json segment at the end$|^did not receive done or success response in stream",
    // Clients of ClickHouse, Algolia, Google; gRPC without its code
    "^timeout error\\.$|^unreachable hosts - |^could not load the default credentials\\b|^(?:1 CANCELLED|2 UNKNOWN|4 DEADLINE_EXCEEDED|7 PERMISSION_DENIED|8 RESOURCE_EXHAUSTED|10 ABORTED|13 INTERNAL|14 UNAVAILABLE|15 DATA_LOSS|16 UNAUTHENTICATED): ",
    // Other runtimes: workerd, Deno, Safari, Firefox
    "^(?:D1_ERROR: )?(?:the )?network connection (?:was )?lost\\b|^error sending request\\b|^networkerror when attempting to fetch resource",
    // Browsers
    "\\bNS_ERROR_(?:CONNECTION_REFUSED|NET_\\w+|UNKNOWN_HOST|PROXY_\\w+|OFFLINE)\\b|^page\\.\\w+: Could not connect to server|\\babout:neterror\\?|^Failed to launch the browser process|^Navigating frame was detached",
    "\\btarget page, context or browser has been closed\\b|(?:^|: )(?:target|browser|page|context)(?: has been| was)? (?:closed|crashed)(?=[.!]?(?:$|\\n))",
    "\\bsession closed\\. most likely the page\\b|^browserType\\.\\w+: |^Navigation timeout of \\d",
  ].join("|"),
  "i",
);
