/**
 * Which errors are outages, whichever client threw them, and which are the program's own.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { errorChain } from "./data/error-shape.ts";
import {
  ConfigurationError,
  InfrastructureError,
  isInfrastructureError,
  isSetUpError,
  OptoError,
  OutputParseError,
  setUpErrorIn,
} from "./errors.ts";

class APIConnectionTimeoutError extends Error {}
class APIConnectionError extends Error {}
class ReadTimeout extends Error {}
class SequelizeConnectionRefusedError extends Error {}
class NoRouteError extends Error {}
class ConnectionStringError extends Error {}

function made(message: string, fields: object = {}, name?: string): Error {
  const error = Object.assign(new Error(message), fields);
  if (name !== undefined) error.name = name;
  return error;
}

const withCode = (code: unknown): Error => made(`failed: ${code}`, { code });

describe("an outage is known by its shape", () => {
  it.each<[string, unknown]>([
    ...[
      "ECONNRESET",
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EPIPE",
      "EPROTO",
      "EADDRNOTAVAIL",
      "EMFILE",
      "ENFILE",
      "ENOBUFS",
      "ENOSPC",
      "ERR_NETWORK",
      "ERR_CANCELED",
      "ERR_STREAM_PREMATURE_CLOSE",
      "ERR_HTTP2_STREAM_ERROR",
      "ERR_HTTP2_GOAWAY_SESSION",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "UND_ERR_SOCKET",
      "CERT_HAS_EXPIRED",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "ConnectionRefused",
      "UNAVAILABLE",
    ].map((code): [string, unknown] => [code, withCode(code)]),
    ["fetch that failed", Object.assign(new TypeError("fetch failed"), { cause: withCode("ECONNREFUSED") })],
    ["fetch that failed and says no more", new TypeError("fetch failed")],
    ["axios, status", made("Request failed with status code 429", { code: "ERR_BAD_REQUEST", response: { status: 429 } })],
    ["got, status", made("Response code 503", { response: { statusCode: 503 } }, "HTTPError")],
    ["node-fetch, timeout", made("network timeout at: http://x", { type: "request-timeout" }, "FetchError")],
    ["Ollama, status_code", made("busy", { status_code: 503 }, "ResponseError")],
    ["Elasticsearch, meta", made("x", { meta: { statusCode: 503 } })],
    ["AWS, throttled with status 400", made("Slow", { $metadata: { httpStatusCode: 400 } }, "ThrottlingException")],
    ["AWS, $retryable", made("Slow", { $retryable: { throttling: true } })],
    ["AWS, $fault", made("Oh", { $fault: "server", $metadata: {} })],
    ["AWS, status", made("No", { $metadata: { httpStatusCode: 503 } })],
    ["AWS, expired credentials", made("Expired", { $metadata: { httpStatusCode: 400 } }, "ExpiredTokenException")],
    ["AWS, no credentials", made("Could not load credentials", {}, "CredentialsProviderError")],
    ["gRPC, RESOURCE_EXHAUSTED", made("8 RESOURCE_EXHAUSTED: quota", { code: 8, details: "quota" })],
    ["gRPC, UNAVAILABLE with metadata", made("down", { code: 14, metadata: {} })],
    ["gRPC, by its message", made("4 DEADLINE_EXCEEDED: too late", { code: 4 })],
    ["Connect, unavailable", made("[unavailable] down", { code: 14, rawMessage: "down" }, "ConnectError")],
    ["Google's older clients", made("Quota", { code: 429, errors: [{ reason: "rateLimitExceeded" }] })],
    ["a connection timeout without a code", new APIConnectionTimeoutError("Request timed out.")],
    ["a connection error without a code", new APIConnectionError("Connection error.")],
    ["a read timeout", new ReadTimeout("x")],
    ["a refused connection of a database", new SequelizeConnectionRefusedError("x")],
    ["several addresses, all closed", Object.assign(new AggregateError([withCode("ECONNREFUSED")], ""), {})],
    ["a code that is only in errno", made("failed", { errno: "ECONNRESET" })],
    ["PostgreSQL, shut down", made("terminating connection due to administrator command", { code: "57P01" }, "error")],
    ["PostgreSQL, too many clients", made("sorry, too many clients already", { code: "53300" }, "error")],
    ["PostgreSQL, a pool that waited", new Error("timeout exceeded when trying to connect")],
    ["PostgreSQL, a client that was cut off", new Error("Connection terminated unexpectedly")],
    ["MySQL, too many", made("Too many connections", { code: "ER_CON_COUNT_ERROR" })],
    ["MongoDB", made("no server", {}, "MongoServerSelectionError")],
    ["Redis", made("Reached the max retries per request limit", {}, "MaxRetriesPerRequestError")],
    ["Redis, a socket that closed", made("Socket closed unexpectedly", {}, "SocketClosedUnexpectedlyError")],
    ["Elasticsearch, no connection", made("No", {}, "NoLivingConnectionsError")],
    ["Prisma", made("Can't reach database server", { errorCode: "P1001" }, "PrismaClientInitializationError")],
    ["Azure", made("No", { code: "REQUEST_SEND_ERROR" }, "RestError")],
    ["ws", new Error("Unexpected server response: 503")],
    ["the words of the system without its code", new Error("tool failed: connect ECONNREFUSED 127.0.0.1:4999")],
    ["a rate limit known by its class", made("Slow down", {}, "RateLimitError")],
    ["a key known by its class", made("No", {}, "AuthenticationError")],
    [
      "a wrong key in the words of an own client",
      new Error('LLM call failed: 401 {"error":{"message":"Incorrect API key provided"}}'),
    ],
    ["AWS, a model that failed behind the gateway", made("x", { $metadata: { httpStatusCode: 424 } }, "ModelErrorException")],
    [
      "OpenAI, within a stream",
      made("Overloaded", { status: undefined, error: { type: "server_error", code: "server_error" } }, "APIError"),
    ],
    [
      "Anthropic, within a stream",
      made("x", { status: undefined, error: { type: "error", error: { type: "overloaded_error" } } }, "APIError"),
    ],
    [
      "Hugging Face",
      made("No", { httpResponse: { status: 503, body: "Service Unavailable" } }, "InferenceClientProviderApiError"),
    ],
    ["tRPC", made("No", { data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503 } }, "TRPCClientError")],
    ["Apollo", made("No", { networkError: made("No", { statusCode: 503 }, "ServerError") }, "ApolloError")],
    ["Firestore", made("No", { code: "unavailable" }, "FirebaseError")],
    ["Firebase's functions", made("No", { code: "functions/deadline-exceeded" }, "FirebaseError")],
    ["DNS, a timeout", made("queryA ETIMEOUT example.com", { code: "ETIMEOUT" })],
    ["DNS, a server that fails", new Error("queryA ESERVFAIL example.com")],
    ["a browser", new Error("page.goto: net::ERR_CONNECTION_REFUSED at http://x")],
    ["Prisma, without a code", made("Can't reach database server", {}, "PrismaClientInitializationError")],
    ["SQLite, locked", made("database is locked", { code: "SQLITE_BUSY" }, "SqliteError")],
    ["SQLite, locked by a snapshot", made("database is locked", { code: "SQLITE_BUSY_SNAPSHOT" }, "SqliteError")],
    ["MongoDB, a pool that was cleared", made("No", {}, "PoolClearedError")],
    ["PostgreSQL, by its severity", made("No", { code: "08006", severity: "FATAL", routine: "x" }, "QueryFailedError")],
    ["MySQL, too many of one user", made("No", { code: "ER_TOO_MANY_USER_CONNECTIONS" })],
    ["Redis, loading", made("LOADING Redis is loading the dataset in memory", {}, "ReplyError")],
    ["Pinecone", made("No", {}, "PineconeInternalServerError")],
    ["a circuit that is open", made("Breaker is open", { code: "EOPENBREAKER" })],
    ["MCP", made("MCP error -32001: Request timed out", { code: -32001 }, "McpError")],
    ...["CONNECTION_REFUSED", "TIMEOUT", "DISCONNECT", "CONNECTION_CLOSED", "503", "408", "AUTHORIZATION_VIOLATION"].map(
      (code): [string, unknown] => [`NATS, ${code}`, made(code, { code }, "NatsError")],
    ),
    ["NATS 3, closed", made("closed connection", {}, "ClosedConnectionError")],
    ["NATS 3, nobody listens", made("no responders: 'x'", {}, "NoResponders")],
    ["cockatiel, a circuit that is open, minified", made("Execution prevented", { isBrokenCircuitError: true })],
    ["cockatiel, a bulkhead", made("Bulkhead capacity exceeded", { isBulkheadRejectedError: true })],
    ["cockatiel, too late", made("Operation timed out after 50ms", { isTaskCancelledError: true })],
    ["opossum, too late", made("Timed out after 50ms", { code: "ETIMEDOUT" })],
    ["opossum, no free place", made("Semaphore locked", { code: "ESEMLOCKED" })],
    ["opossum, shut down", made("The circuit has been shutdown.", { code: "ESHUTDOWN" })],
    ["ssh2, no handshake", made("Timed out while waiting for handshake", { level: "client-timeout" })],
    ["ssh2, a socket", made("read failed", { level: "client-socket" })],
    ["ssh2, a connection that closed", made("Connection lost before handshake", { level: "protocol", fatal: true })],
    ["MongoDB, a network", made("connection 1 to 127.0.0.1 closed", {}, "MongoNetworkError")],
    ["MongoDB, closed", made("Topology is closed", {}, "MongoTopologyClosedError")],
    ["MongoDB, another is primary", made("not primary", { code: 10107, codeName: "NotWritablePrimary" }, "MongoServerError")],
    [
      "MongoDB, by its label",
      made("WriteConflict", { code: 112, errorLabels: ["TransientTransactionError"] }, "MongoServerError"),
    ],
    ["ioredis, closed", new Error("Connection is closed.")],
    ["ioredis, no answer", new Error("Command timed out")],
    ["ioredis, not connected", new Error("Stream isn't writeable and enableOfflineQueue options is false")],
    ["Redis, a client that closed", made("The client is closed", {}, "ClientClosedError")],
    ["Redis, offline", made("The client is offline", {}, "ClientOfflineError")],
    ["Redis, a cluster without nodes", made("All the root nodes are unavailable", {}, "RootNodesUnavailableError")],
    ["PostgreSQL, no connection in time", new Error("timeout expired")],
    ["PostgreSQL, no answer in time", new Error("Query read timeout")],
    ["PostgreSQL, a pool", new Error("Connection terminated due to connection timeout")],
    ["PostgreSQL, no connection", made("No", { code: "08006" }, "error")],
    ["PostgreSQL, a wrong password", made("No", { code: "28P01", severity: "FATAL", routine: "auth_failed" }, "error")],
    ["PostgreSQL, a deadlock", made("deadlock detected", { code: "40P01" }, "error")],
    [
      "MySQL, lost",
      made("Connection lost: The server closed the connection.", { code: "PROTOCOL_CONNECTION_LOST", fatal: true }),
    ],
    ["MySQL, shut down", made("No", { code: "ER_SERVER_SHUTDOWN" })],
    ["MySQL, a full queue", new Error("Queue limit reached.")],
    ["Kafka, worth another attempt", made("This is not the leader", { retriable: true }, "KafkaJSProtocolError")],
    ["Kafka, closed", made("Closed connection", {}, "KafkaJSConnectionClosedError")],
    ["Kafka, a wrong password", made("No", { retriable: false }, "KafkaJSSASLAuthenticationError")],
    ["AMQP, refused while it opened", new Error("Socket closed abruptly during opening handshake")],
    ["AMQP, a channel", made("Channel closed", {}, "IllegalOperationError")],
    ["AMQP, a channel that ended", new Error("Channel ended, no reply will be forthcoming")],
    ["Playwright, a page that is gone", new Error("page.click: Page crashed\nCall log:")],
    ["AMQP, a silent server", new Error("connect ETIMEDOUT")],
    ["p-queue", made("Task timed out after 30ms (queue has 1 running, 0 waiting)", {}, "TimeoutError")],
    ["Bottleneck, too late", made("This job timed out after 30 ms.", {}, "BottleneckError")],
    ["Bottleneck, dropped", made("This job has been dropped by Bottleneck", {}, "BottleneckError")],
    ["undici, a reply with a status", made("Response Error", { code: "UND_ERR_RESPONSE", statusCode: 503 }, "ResponseError")],
    ["undici, a reply that is no HTTP", made("Parse Error", { code: "HPE_INVALID_CONSTANT" })],
    ["undici, closed", made("The client is closed", { code: "UND_ERR_CLOSED" }, "ClientClosedError")],
    ["Elasticsearch, closed", made("other side closed - Local: 127.0.0.1:1", {}, "ConnectionError")],
    ["Playwright, a page that does not load", made("page.goto: Timeout 30000ms exceeded.\nCall log:", {}, "TimeoutError")],
    ["Playwright, a browser that is gone", new Error("page.click: Target page, context or browser has been closed")],
    ["Playwright, no browser", new Error("browserType.launch: Failed to launch chromium because executable doesn't exist at /x")],
    ["Puppeteer, a page that does not load", made("Navigation timeout of 30000 ms exceeded", {}, "TimeoutError")],
    ["Puppeteer, a browser that is gone", made("Protocol error (Runtime.callFunctionOn): Target closed", {}, "TargetCloseError")],
    [
      "Puppeteer, a page that is gone",
      new Error("Protocol error (Page.navigate): Session closed. Most likely the page has been closed."),
    ],
    ["postgres, ended", made("write CONNECTION_ENDED x", { code: "CONNECTION_ENDED" })],
    ["Oracle, no listener", made("ORA-12541: Cannot connect.", { code: "ORA-12541", errorNum: 12541 })],
    ["Oracle, a connection that broke", made("NJS-500: connection to the Oracle Database was broken", { code: "NJS-500" })],
    ["Neo4j", made("No", { code: "Neo.TransientError.General.DatabaseUnavailable" }, "Neo4jError")],
    ["PostgREST", { message: "Could not connect", code: "PGRST000", details: null, hint: null }],
    ["mongoose", made("Operation `users.findOne()` buffering timed out after 10000ms", {}, "MongooseError")],
    ["MongoDB, a wrong password", made("No", { code: 18, codeName: "AuthenticationFailed" }, "MongoServerError")],
    ["MySQL, closed", new Error("Can't add new command when connection is in closed state")],
    ["Cassandra", made("All host(s) tried for query failed.", {}, "NoHostAvailableError")],
    ["DynamoDB", made("No", { $metadata: { httpStatusCode: 400 } }, "TransactionConflictException")],
    ["Docker, no socket file", made("connect ENOENT /x.sock", { code: "ENOENT", syscall: "connect" })],
    ["SQL Server and others, what it was caused by", made("x", { originalError: withCode("ECONNRESET") })],
    ["VError", made("a: b", { jse_cause: withCode("ECONNRESET") }, "VError")],
    ["got, a reply that broke off", made("aborted", { code: "ERR_READING_RESPONSE_STREAM" }, "ReadError")],
    ["Slack", made("A rate-limit has been reached", { code: "slack_webapi_rate_limited_error" })],
    ["Anthropic, a stream that broke off", new Error("stream ended without producing a Message with role=assistant")],
    ["Google, a stream that broke off", new Error("Incomplete JSON segment at the end")],
    ["Google, no credentials", new Error("Could not load the default credentials. Browse to https://x")],
    ["OpenAI, aborted, minified", new Error("Request was aborted.")],
    ["Tavily", new Error("Request timed out after 60 seconds.")],
    ["Mistral", made("Request aborted by client: x", {}, "RequestAbortedError")],
    ["Firefox, driven", new Error("page.goto: NS_ERROR_CONNECTION_REFUSED\nCall log:")],
    ["workerd", new Error("Network connection lost.")],
    ["what a program makes of a response", new Error("HTTP error! status: 503")],
    ["what a program says of a failure", new Error("The search failed: fetch failed")],
    ["ofetch, without its cause", new Error('[GET] "http://x": <no response> fetch failed')],
    ["plain data", { status: 503, message: "Service unavailable" }],
  ])("%s", (_title, error) => {
    expect(isInfrastructureError(error)).toBe(true);
    expect(isInfrastructureError(made("The step failed", { cause: made("again", { cause: error }) }))).toBe(true);
  });
});

describe("the program's own error is none", () => {
  it.each<[string, unknown]>([
    ["a bug", new TypeError("x is not a function")],
    ["a class with a name of its own", new NoRouteError("No way")],
    ["a name that only mentions a connection", new ConnectionStringError("No host")],
    ["a postcode like a code of SQL", made("Postcode wrong", { code: "53123" }, "PostcodeError")],
    ["another", made("Postcode wrong", { code: "08123" }, "OrderError")],
    ["a tariff code", made("Bad tariff code", { code: "08AB1" }, "CustomsError")],
    ["a connection of the program's subject", made("No connection between A and B", {}, "NoFlightConnectionError")],
    ["an option for a socket", made("No socket", {}, "MissingSocketError")],
    ["goods that are unavailable", made("Sold out", { code: "unavailable" }, "OrderError")],
    ["Firebase, refused", made("No", { code: "permission-denied" }, "FirebaseError")],
    ["a page that is not there", new Error("page.goto: net::ERR_FILE_NOT_FOUND")],
    ["PostgreSQL, a table that is not there", made("relation does not exist", { code: "42P01" }, "error")],
    ["Prisma, a constraint", made("Unique constraint failed", { code: "P2002" }, "PrismaClientKnownRequestError")],
    ["a file that is not there", made("ENOENT: no such file, open 'x'", { code: "ENOENT" })],
    ["words of the agent about a model", new Error("Model user does not exist")],
    ["a small number as a code", made("No", { code: 14 })],
    ["an HTTP number as a code, without anything of HTTP", made("No", { code: 503 })],
    ["gRPC, INVALID_ARGUMENT", made("3 INVALID_ARGUMENT: bad", { code: 3, details: "bad" })],
    ["Connect, not found", made("[not_found] x", { code: 5, rawMessage: "x" }, "ConnectError")],
    ["AWS, ValidationException", made("No", { $fault: "client", $metadata: { httpStatusCode: 400 } }, "ValidationException")],
    ["an invalid header of HTTP/2", withCode("ERR_HTTP2_INVALID_HEADER_VALUE")],
    ["an invalid argument of undici", withCode("UND_ERR_INVALID_ARG")],
    ["a tool that finds nothing", made("Not found", { response: { status: 404 } })],
    ["a refused request", made("Bad request", { status: 400 })],
    ["an error of opto", new OutputParseError("Expected JSON", "x")],
    ["NATS, a subject", made("BAD_SUBJECT", { code: "BAD_SUBJECT" }, "NatsError")],
    ["NATS, no message", made("404", { code: "404" }, "NatsError")],
    ["MongoDB, a duplicate", made("E11000 duplicate key", { code: 11000, errorLabels: [] }, "MongoServerError")],
    ["MySQL, wrong SQL", made("You have an error in your SQL syntax", { code: "ER_PARSE_ERROR" })],
    ["Kafka, wrong use", made("Producer is read only", { retriable: false }, "KafkaJSNonRetriableError")],
    ["undici, a tool that finds nothing", made("Response Error", { code: "UND_ERR_RESPONSE", statusCode: 404 }, "ResponseError")],
    ["undici, what it cannot do", withCode("UND_ERR_NOT_SUPPORTED")],
    ["a refused request that may be tried again", made("No", { status: 422, retryable: true })],
    ["Playwright, nothing there", made("locator.click: Timeout 5000ms exceeded.\nCall log:", {}, "TimeoutError")],
    ["Playwright, a page's wait", made("page.waitForSelector: Timeout 5000ms exceeded.", {}, "TimeoutError")],
    ["Puppeteer, nothing there", made("Waiting for selector `#x` failed: Waiting failed: 5000ms exceeded", {}, "TimeoutError")],
    ["a level of a logger", made("No", { level: "error" })],
    ...[
      "Expected the target closed by Friday",
      'No product "Target Closed Loop"',
      "The shop's browser closed the cart",
      "Page crashed into the next page",
      "Stream ended before the object was complete",
      "Stream closed: unexpected token",
      "Channel closed for orders: refund instead",
      "Socket closed end wrench not found",
      "Task timeout of 5 is not a number",
      "Operation timeout must be a number",
      "Query timed out after 3 hops",
      "Expected status code 503, got 200",
      "HTTP error! status: 404",
      "The contract: terminated",
      "Operation `x` is not known",
      "Request ended without a signature",
      "14 APPLES: too many",
    ].map((message): [string, unknown] => [`words of the program's own: ${message}`, new Error(message)]),
    ["a state of the program's subject", made("x", { code: "ORDER_CLOSED" })],
    ["a text", "ECONNRESET"],
    ["nothing", undefined],
  ])("%s", (_title, error) => {
    expect(isInfrastructureError(error)).toBe(false);
  });
});

describe("a hostile error", () => {
  it("whose fields throw is read as far as it can be", () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
      },
    );
    expect(isInfrastructureError(hostile)).toBe(false);
    expect(isSetUpError(hostile)).toBe(false);
    expect(OptoError.isInstance(hostile)).toBe(false);
    const half = Object.defineProperty(withCode("ECONNRESET"), "cause", {
      get: () => {
        throw new Error("no");
      },
    });
    expect(isInfrastructureError(half)).toBe(true);
  });

  it("whose causes form a circle, or never end, is read once and not for ever", () => {
    const circle: Error & { cause?: unknown } = new Error("a");
    circle.cause = made("b", { cause: circle });
    expect(isInfrastructureError(circle)).toBe(false);
    const endless = (): object => ({
      get cause() {
        return endless();
      },
    });
    expect(isInfrastructureError(endless())).toBe(false);
    expect(errorChain(endless()).length).toBeLessThan(100);
  });
});

describe("a set-up error", () => {
  it("is found also in what the program wrapped it in", () => {
    const setUp = new ConfigurationError("No key");
    expect(isSetUpError(new Error("mine", { cause: setUp }))).toBe(true);
    expect(setUpErrorIn(new Error("mine", { cause: setUp }))).toBe(setUp);
    expect(isSetUpError(new InfrastructureError("down"))).toBe(false);
  });
});
