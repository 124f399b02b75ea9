/**
 * What providers, gateways, and local servers answer when they refuse a call, and what each refusal means.
 *
 * @module
 */

/** Who answers what, the status, the body, and what is made of it: the kind of failure, and what of the set-up it points at. */
export type Refusal = readonly [name: string, status: number, body: object | string, meaning: string];

/** A body as OpenAI and those that follow it write it. */
const openAI = (type: string, code: string | null, message: string, param: string | null = null): object => ({
  error: { message, type, code, param },
});

/** A body as Anthropic writes it. */
const anthropic = (type: string, message: string): object => ({ type: "error", error: { type, message } });

export const refusals: readonly Refusal[] = [
  [
    "openai wrong key",
    401,
    openAI("invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-abc. You can find your API key at"),
    "fatal: key",
  ],
  [
    "openai no model",
    404,
    openAI("invalid_request_error", "model_not_found", "The model `gpt-9` does not exist or you do not have access to it."),
    "fatal: model",
  ],
  [
    "openai quota",
    429,
    openAI(
      "insufficient_quota",
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details",
    ),
    "quota",
  ],
  [
    "openai unsupported temp",
    400,
    openAI(
      "invalid_request_error",
      "unsupported_value",
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "temperature",
    ),
    "setting: temperature",
  ],
  [
    "openai ctx",
    400,
    openAI(
      "invalid_request_error",
      "context_length_exceeded",
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130001 tokens.",
      "messages",
    ),
    "refused, too long",
  ],
  [
    "openai string too long",
    400,
    openAI(
      "invalid_request_error",
      "string_above_max_length",
      "Invalid 'messages[1].content': string too long. Expected a string with maximum length 10485760, but got a string with length 12000000 instead.",
      "messages[1].content",
    ),
    "refused, too long",
  ],
  [
    "openai project no access",
    403,
    openAI("invalid_request_error", "model_not_found", "Project `proj_x` does not have access to model `gpt-5`"),
    "fatal: access",
  ],
  [
    "openai country",
    403,
    openAI("request_forbidden", "unsupported_country_region_territory", "Country, region, or territory not supported"),
    "fatal: access",
  ],
  [
    "openai content policy",
    400,
    openAI(
      "invalid_request_error",
      "invalid_prompt",
      "Invalid prompt: your prompt was flagged as potentially violating our usage policy",
    ),
    "refused",
  ],
  [
    "openai tpm",
    429,
    openAI(
      "tokens",
      "rate_limit_exceeded",
      "Rate limit reached for gpt-4 in organization org-x on tokens per min (TPM): Limit 10000, Used 9000, Requested 1500. Please try again in 3s.",
    ),
    "rate-limit",
  ],
  [
    "openai org must be verified",
    400,
    openAI("invalid_request_error", "unsupported_value", "Your organization must be verified to stream this model.", "stream"),
    "setting: streaming",
  ],
  ["anthropic wrong key", 401, anthropic("authentication_error", "invalid x-api-key"), "fatal: key"],
  ["anthropic no model", 404, anthropic("not_found_error", "model: claude-9"), "fatal: model"],
  [
    "anthropic perm",
    403,
    anthropic("permission_error", "Your API key does not have permission to use the specified resource."),
    "fatal: access",
  ],
  [
    "anthropic credit",
    400,
    anthropic(
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
    ),
    "quota",
  ],
  [
    "anthropic too long",
    400,
    anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "refused, too long",
  ],
  ["anthropic 413", 413, anthropic("request_too_large", "Request exceeds the maximum size"), "refused, too long"],
  ["anthropic overloaded", 529, anthropic("overloaded_error", "Overloaded"), "transient"],
  [
    "anthropic rate",
    429,
    anthropic("rate_limit_error", "This request would exceed your organization’s rate limit of 40,000 input tokens per minute"),
    "rate-limit",
  ],
  [
    "anthropic max_tokens",
    400,
    anthropic(
      "invalid_request_error",
      "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet",
    ),
    "setting: maxOutputTokens",
  ],
  [
    "anthropic temp+top_p",
    400,
    anthropic("invalid_request_error", "`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
    "setting: temperature",
  ],
  [
    "anthropic thinking temp",
    400,
    anthropic("invalid_request_error", "`temperature` may only be set to 1 when thinking is enabled."),
    "setting: temperature",
  ],
  [
    "anthropic spend limit",
    400,
    anthropic(
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2025-12-01 at 00:00 UTC.",
    ),
    "quota",
  ],
  ["anthropic content filter", 400, anthropic("invalid_request_error", "Output blocked by content filtering policy"), "refused"],
  ["anthropic oauth", 401, anthropic("authentication_error", "OAuth token has expired"), "fatal: key"],
  [
    "google wrong key",
    400,
    {
      error: {
        code: 400,
        message: "API key not valid. Please pass a valid API key.",
        status: "INVALID_ARGUMENT",
        details: [{ reason: "API_KEY_INVALID" }],
      },
    },
    "fatal: key",
  ],
  [
    "google wrong key arr",
    400,
    [
      {
        error: {
          code: 400,
          message: "API key not valid. Please pass a valid API key.",
          status: "INVALID_ARGUMENT",
          details: [{ reason: "API_KEY_INVALID" }],
        },
      },
    ],
    "fatal: key",
  ],
  [
    "google expired",
    400,
    { error: { code: 400, message: "API key expired. Please renew the API key.", status: "INVALID_ARGUMENT" } },
    "fatal: key",
  ],
  [
    "google no model",
    404,
    {
      error: {
        code: 404,
        message: "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.",
        status: "NOT_FOUND",
      },
    },
    "fatal: model",
  ],
  [
    "google quota day",
    429,
    {
      error: {
        code: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }, { retryDelay: "34s" }],
      },
    },
    "quota",
  ],
  [
    "google quota min",
    429,
    {
      error: {
        code: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier" }, { retryDelay: "34s" }],
      },
    },
    "rate-limit",
  ],
  [
    "google ctx",
    400,
    {
      error: {
        code: 400,
        message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        status: "INVALID_ARGUMENT",
      },
    },
    "refused, too long",
  ],
  [
    "google location",
    400,
    { error: { code: 400, message: "User location is not supported for the API use.", status: "FAILED_PRECONDITION" } },
    "fatal: access",
  ],
  [
    "google perm",
    403,
    { error: { code: 403, message: "Permission denied: Consumer 'api_key:x' has been suspended.", status: "PERMISSION_DENIED" } },
    "fatal: access",
  ],
  [
    "google disabled",
    403,
    {
      error: {
        code: 403,
        message: "Generative Language API has not been used in project 1 before or it is disabled.",
        status: "PERMISSION_DENIED",
        details: [{ reason: "SERVICE_DISABLED" }],
      },
    },
    "fatal: access",
  ],
  [
    "google system",
    400,
    {
      error: { code: 400, message: "Developer instruction is not enabled for models/gemma-3-27b-it", status: "INVALID_ARGUMENT" },
    },
    "setting: system",
  ],
  [
    "google temp range",
    400,
    {
      error: {
        code: 400,
        message:
          "Unable to submit request because it has a temperature value of 3 but the supported range is from 0 (inclusive) to 2 (inclusive).",
        status: "INVALID_ARGUMENT",
      },
    },
    "setting: temperature",
  ],
  [
    "google maxOut",
    400,
    {
      error: {
        code: 400,
        message:
          "Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again.",
        status: "INVALID_ARGUMENT",
      },
    },
    "setting: maxOutputTokens",
  ],
  [
    "google unavailable",
    503,
    { error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } },
    "transient",
  ],
  [
    "azure key",
    401,
    {
      error: {
        code: "401",
        message:
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
      },
    },
    "fatal: key",
  ],
  [
    "azure depl",
    404,
    {
      error: {
        code: "DeploymentNotFound",
        message:
          "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
      },
    },
    "fatal: model",
  ],
  ["azure resource", 404, { error: { code: "404", message: "Resource not found" } }, "fatal: address"],
  [
    "azure filter",
    400,
    {
      error: {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation" },
      },
    },
    "refused",
  ],
  [
    "azure rate",
    429,
    {
      error: {
        code: "429",
        message:
          "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-02-01 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds.",
      },
    },
    "rate-limit",
  ],
  [
    "azure vnet",
    403,
    { error: { code: "403", message: "Access denied due to Virtual Network/Firewall rules." } },
    "fatal: access",
  ],
  ["azure apiver", 400, { error: { code: "BadRequest", message: "API version not supported" } }, "refused"],
  [
    "azure op unsupported",
    400,
    {
      error: {
        code: "OperationNotSupported",
        message:
          "The chatCompletion operation does not work with the specified model, text-embedding-ada-002. Please choose different model and try again.",
      },
    },
    "refused",
  ],
  ["mistral key", 401, { detail: "Unauthorized" }, "fatal: key"],
  ["mistral key2", 401, { message: "Unauthorized", request_id: "x" }, "fatal: key"],
  [
    "mistral model",
    400,
    { object: "error", message: "Invalid model: mistral-huge", type: "invalid_model", param: null, code: "1500" },
    "fatal: model",
  ],
  [
    "mistral 422",
    422,
    {
      object: "error",
      message: { detail: [{ type: "extra_forbidden", loc: ["body", "foo"], msg: "Extra inputs are not permitted", input: 1 }] },
      type: "invalid_request_error",
      param: null,
      code: null,
    },
    "setting: foo",
  ],
  [
    "mistral ctx",
    400,
    {
      object: "error",
      message: "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      type: "invalid_request_message_order",
      code: "3051",
    },
    "refused, too long",
  ],
  [
    "mistral rate",
    429,
    { object: "error", message: "Requests rate limit exceeded", type: "rate_limited", code: "1300" },
    "rate-limit",
  ],
  [
    "mistral capacity",
    429,
    {
      object: "error",
      message: "Service tier capacity exceeded for this model.",
      type: "service_tier_capacity_exceeded",
      code: "3505",
    },
    "rate-limit",
  ],
  [
    "mistral temp",
    422,
    {
      detail: [
        {
          type: "less_than_equal",
          loc: ["body", "temperature"],
          msg: "Input should be less than or equal to 1.5",
          input: 2,
          ctx: { le: 1.5 },
        },
      ],
    },
    "setting: temperature",
  ],
  ["ollama no model", 404, openAI("api_error", null, 'model "llama9" not found, try pulling it first'), "fatal: model"],
  ["ollama no model native", 404, { error: "model 'llama9' not found" }, "fatal: model"],
  ["ollama no tools", 400, openAI("api_error", null, "registry.ollama.ai/library/x does not support tools"), "refused"],
  ["ollama loading", 503, { error: "server busy, please try again.  maximum pending requests exceeded" }, "transient"],
  [
    "ollama memory",
    500,
    openAI("api_error", null, "model requires more system memory (48.0 GiB) than is available (15.0 GiB)"),
    "transient",
  ],
  ["vllm key", 401, { error: "Unauthorized" }, "fatal: key"],
  [
    "vllm model",
    404,
    { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", param: null, code: 404 },
    "fatal: model",
  ],
  [
    "vllm model new",
    404,
    { error: { message: "The model `x` does not exist.", type: "NotFoundError", param: null, code: 404 } },
    "fatal: model",
  ],
  [
    "vllm ctx",
    400,
    {
      object: "error",
      message:
        "This model's maximum context length is 4096 tokens. However, you requested 5120 tokens (4620 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
      type: "BadRequestError",
      code: 400,
    },
    "refused, too long",
  ],
  [
    "vllm max_tokens too large",
    400,
    {
      object: "error",
      message:
        "'max_tokens' or 'max_completion_tokens' is too large: 100000. This model's maximum context length is 32768 tokens and your request has 30 input tokens (100000 > 32768 - 30). (parameter=max_tokens, value=100000)",
      type: "BadRequestError",
      param: "max_tokens",
      code: 400,
    },
    "setting: maxOutputTokens",
  ],
  [
    "vllm chat template",
    400,
    { object: "error", message: "System role not supported System role not supported", type: "BadRequestError", code: 400 },
    "setting: system",
  ],
  [
    "vllm temp",
    400,
    { object: "error", message: "temperature must be non-negative, got -1.0.", type: "BadRequestError", code: 400 },
    "setting: temperature",
  ],
  [
    "vllm extra",
    400,
    {
      object: "error",
      message: "[{'type': 'extra_forbidden', 'loc': ('body', 'foo'), 'msg': 'Extra inputs are not permitted', 'input': 1}]",
      type: "BadRequestError",
      code: 400,
    },
    "setting: unknown",
  ],
  [
    "litellm key",
    401,
    {
      error: {
        message: "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...xxxx, Key Hash (Token) =88dc",
        type: "auth_error",
        param: "None",
        code: "401",
      },
    },
    "fatal: key",
  ],
  [
    "litellm no key",
    401,
    { error: { message: "Authentication Error, No api key passed in.", type: "auth_error", param: "None", code: "401" } },
    "fatal: key",
  ],
  [
    "litellm model",
    400,
    {
      error: {
        message:
          "/chat/completions: Invalid model name passed in model=gpt-9. Call `/v1/models` to view available models for your key.",
        type: "None",
        param: "None",
        code: "400",
      },
    },
    "fatal: model",
  ],
  [
    "litellm unsupported",
    400,
    {
      error: {
        message:
          "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support temperature=0.2. Only temperature=1 is supported. To drop unsupported params set `litellm.drop_params = True`",
        type: "None",
        param: null,
        code: "400",
      },
    },
    "setting: temperature",
  ],
  [
    "litellm budget",
    400,
    {
      error: {
        message: "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0",
        type: "budget_exceeded",
        param: null,
        code: "400",
      },
    },
    "quota",
  ],
  [
    "litellm budget 429",
    429,
    {
      error: {
        message: "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0",
        type: "budget_exceeded",
        param: null,
        code: "429",
      },
    },
    "quota",
  ],
  [
    "litellm ctx",
    400,
    {
      error: {
        message:
          "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - Input exceeds limit",
        type: null,
        param: null,
        code: "400",
      },
    },
    "refused, too long",
  ],
  [
    "litellm deployment cooldown",
    429,
    {
      error: {
        message: "No deployments available for selected model, Try again in 60 seconds. Passed model=gpt-4.",
        type: "None",
        param: "None",
        code: "429",
      },
    },
    "rate-limit",
  ],
  ["openrouter key", 401, { error: { message: "No auth credentials found", code: 401 } }, "fatal: key"],
  ["openrouter key2", 401, { error: { message: "User not found.", code: 401 } }, "fatal: key"],
  [
    "openrouter model",
    400,
    { error: { message: "foo/bar is not a valid model ID", code: 400 }, user_id: "user_x" },
    "fatal: model",
  ],
  ["openrouter none", 404, { error: { message: "No endpoints found for foo/bar.", code: 404 } }, "fatal: model"],
  ["openrouter image", 404, { error: { message: "No endpoints found that support image input", code: 404 } }, "refused"],
  [
    "openrouter params",
    404,
    { error: { message: "No endpoints found that can handle the requested parameters.", code: 404 } },
    "fatal: model",
  ],
  [
    "openrouter data policy",
    404,
    { error: { message: "No endpoints found matching your data policy (Free model publication).", code: 404 } },
    "fatal: model",
  ],
  [
    "openrouter credits",
    402,
    { error: { message: "Insufficient credits. Add more using https://openrouter.ai/settings/credits", code: 402 } },
    "quota",
  ],
  [
    "openrouter afford",
    402,
    {
      error: {
        message:
          "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 1234.",
        code: 402,
      },
    },
    "quota",
  ],
  [
    "openrouter moderation",
    403,
    {
      error: {
        message: 'openai/gpt-4 requires moderation on OpenAI. Your input was flagged for "violence".',
        code: 403,
        metadata: { reasons: ["violence"], flagged_input: "x" },
      },
    },
    "refused",
  ],
  [
    "openrouter key limit",
    403,
    { error: { message: "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", code: 403 } },
    "quota",
  ],
  [
    "openrouter provider ctx",
    400,
    {
      error: {
        message:
          "This endpoint's maximum context length is 32768 tokens. However, you requested about 50000 tokens (40000 of text input, 10000 in the output).",
        code: 400,
      },
    },
    "refused, too long",
  ],
  [
    "openrouter provider returned",
    400,
    {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          raw: '{"error":{"message":"This model\'s maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."}}',
        },
      },
    },
    "refused, too long",
  ],
  [
    "openrouter free day",
    429,
    {
      error: {
        message: "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
        code: 429,
      },
    },
    "quota",
  ],
  [
    "openrouter upstream",
    429,
    {
      error: {
        message: "Provider returned error",
        code: 429,
        metadata: { raw: "x is temporarily rate-limited upstream. Please retry shortly" },
      },
    },
    "rate-limit",
  ],
  ["openrouter 200 with error", 200, { error: { message: "Provider returned error", code: 502 } }, "transient"],
  ["openrouter 200 rate", 200, { error: { message: "Rate limit exceeded", code: 429 } }, "rate-limit"],
  ["bedrock ctx", 400, { message: "Input is too long for requested model." }, "refused, too long"],
  ["bedrock model", 400, { message: "The provided model identifier is invalid." }, "fatal: model"],
  ["bedrock access", 403, { message: "You don't have access to the model with the specified model ID." }, "fatal: access"],
  ["bedrock throttle", 429, { message: "Too many tokens per day, please wait before trying again." }, "quota"],
  ["bedrock throttle min", 429, { message: "Too many requests, please wait before trying again." }, "rate-limit"],
  ["bedrock throttle tokens", 429, { message: "Too many tokens, please wait before trying again." }, "rate-limit"],
  [
    "bedrock on-demand",
    400,
    {
      message:
        "Invocation of model ID anthropic.claude-3-7 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    },
    "fatal: model",
  ],
  [
    "bedrock system",
    400,
    {
      message:
        "This model doesn't support system messages. Try again without a system message or use a model that supports system messages.",
    },
    "setting: system",
  ],
  ["bedrock key", 403, { message: "The security token included in the request is invalid." }, "fatal: access"],
  [
    "groq decommissioned",
    400,
    openAI(
      "invalid_request_error",
      "model_decommissioned",
      "The model `x` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations",
    ),
    "fatal: model",
  ],
  [
    "groq reduce",
    413,
    openAI(
      "tokens",
      "rate_limit_exceeded",
      "Request too large for model `x` in organization `o` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.",
    ),
    "refused, too long",
  ],
  [
    "groq day",
    429,
    openAI(
      "requests",
      "rate_limit_exceeded",
      "Rate limit reached for model `x` on requests per day (RPD): Limit 1000, Used 1000, Requested 1. Please try again in 1m26.4s.",
    ),
    "quota",
  ],
  ["deepseek balance", 402, openAI("unknown_error", "invalid_request_error", "Insufficient Balance"), "quota"],
  [
    "deepseek key",
    401,
    openAI("authentication_error", "invalid_request_error", "Authentication Fails, Your api key: ****abcd is invalid"),
    "fatal: key",
  ],
  ["deepseek model", 400, openAI("invalid_request_error", "invalid_request_error", "Model Not Exist"), "fatal: model"],
  [
    "xai key",
    400,
    {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai.",
    },
    "fatal: key",
  ],
  [
    "xai model",
    404,
    {
      code: "Some requested entity was not found",
      error: "The model grok-9 does not exist or your team x does not have access to it.",
    },
    "fatal: model",
  ],
  [
    "xai credits",
    403,
    {
      code: "The caller does not have permission to execute the specified operation",
      error: "Your newly created teams doesn't have any credits yet.",
    },
    "quota",
  ],
  [
    "xai param",
    400,
    { code: "Client specified an invalid argument", error: "Argument not supported on this model: presencePenalty" },
    "setting: presencePenalty",
  ],
  ["cohere key", 401, { message: "invalid api token" }, "fatal: key"],
  ["cohere model", 404, { message: "model 'x' not found, make sure the correct model ID was used" }, "fatal: model"],
  [
    "cohere trial",
    429,
    {
      message:
        "You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free or upgrade to a Production key",
    },
    "quota",
  ],
  [
    "together key",
    401,
    openAI(
      "invalid_request_error",
      "invalid_api_key",
      "Invalid API key provided. You can find your API key at https://api.together.ai/settings/api-keys.",
    ),
    "fatal: key",
  ],
  [
    "together model",
    404,
    openAI(
      "invalid_request_error",
      "model_not_available",
      "Unable to access model x. Please visit https://api.together.ai/models to view the list of supported models.",
    ),
    "fatal: model",
  ],
  [
    "together ctx",
    422,
    openAI(
      "invalid_request_error",
      null,
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`",
    ),
    "refused, too long",
  ],
  ["fireworks model", 404, openAI("error", "NOT_FOUND", "Model not found, inaccessible, and/or not deployed"), "fatal: model"],
  ["hf key", 401, { error: "Invalid username or password." }, "fatal: key"],
  ["hf loading", 503, { error: "Model x is currently loading", estimated_time: 20 }, "transient"],
  [
    "hf model not supported",
    400,
    {
      error: {
        message: "The requested model 'x' is not supported by any provider you have enabled.",
        type: "invalid_request_error",
        param: "model",
        code: "model_not_supported",
      },
    },
    "fatal: model",
  ],
  [
    "llamacpp ctx",
    400,
    {
      error: {
        code: 400,
        message: "the request exceeds the available context size. try increasing the context size or enable context shift",
        type: "exceed_context_size_error",
        n_prompt_tokens: 5000,
        n_ctx: 4096,
      },
    },
    "refused, too long",
  ],
  ["llamacpp loading", 503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }, "transient"],
  ["llamacpp key", 401, { error: { code: 401, message: "Invalid API Key", type: "authentication_error" } }, "fatal: key"],
  [
    "lmstudio none loaded",
    400,
    {
      error: {
        message: "No models loaded. Please load a model in the developer page or use the `lms load` command.",
        type: "invalid_request_error",
        param: "model",
        code: "model_not_found",
      },
    },
    "fatal: model",
  ],
  [
    "lmstudio str",
    400,
    {
      error:
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length",
    },
    "refused, too long",
  ],
  ["lmstudio endpoint", 200, { error: "Unexpected endpoint or method. (POST /chat/completions)" }, "transient: address"],
  ["sambanova", 400, openAI("BadRequestError", null, "The maximum context length of x is 4096 tokens"), "refused, too long"],
  [
    "perplexity",
    400,
    {
      error: {
        message: "Invalid model 'x'. Permitted models can be found in the documentation",
        type: "invalid_model",
        code: 400,
        param: null,
      },
    },
    "fatal: model",
  ],
  ["cloudflare waf", 403, "<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title>blocked</html>", "fatal: access"],
  ["nginx 413", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", "refused, too long"],
  ["nginx 502", 502, "<html>502 Bad Gateway</html>", "transient"],
  ["nginx 404", 404, "<html><head><title>404 Not Found</title></head></html>", "fatal: address"],
  ["express 404", 404, "Cannot POST /chat/completions", "fatal: address"],
  ["fastapi 404", 404, { detail: "Not Found" }, "fatal: address"],
  ["422 content", 422, { detail: "The prompt was flagged by the safety classifier" }, "refused"],
  ["451", 451, { message: "Unavailable for legal reasons" }, "refused"],
  ["414", 414, "URI Too Long", "refused"],
  [
    "moonshot",
    400,
    openAI("invalid_request_error", null, "Invalid request: Your request exceeded model token limit: 8192"),
    "refused, too long",
  ],
  [
    "qwen temp",
    400,
    openAI("invalid_request_error", "invalid_parameter_error", "'temperature' must be Float and in [0.0, 2.0)"),
    "setting: temperature",
  ],
  [
    "qwen stream",
    400,
    openAI(
      "invalid_request_error",
      "invalid_parameter_error",
      "This model only support stream mode, please enable the stream parameter to access the model.",
    ),
    "setting: streaming",
  ],
  [
    "qwen range",
    400,
    openAI("invalid_request_error", "invalid_parameter_error", "Range of input length should be [1, 30720]"),
    "refused, too long",
  ],
  [
    "qwen inspection",
    400,
    openAI("data_inspection_failed", "data_inspection_failed", "Input data may contain inappropriate content."),
    "refused",
  ],
  [
    "qwen arrear",
    400,
    openAI("Arrearage", "Arrearage", "Access denied, please make sure your account is in good standing."),
    "quota",
  ],
  ["zhipu too long", 400, { error: { code: "1261", message: "Prompt exceeds max length" } }, "refused, too long"],
  [
    "zhipu sensitive",
    400,
    {
      error: { code: "1301", message: "系统检测到输入或生成内容可能包含不安全或敏感内容" },
      contentFilter: [{ level: 1, role: "user" }],
    },
    "refused",
  ],
  [
    "zhipu balance",
    429,
    { error: { code: "1113", message: "Insufficient balance or no resource package. Please recharge." } },
    "quota",
  ],
  [
    "watsonx",
    400,
    {
      errors: [
        {
          code: "invalid_input_argument",
          message:
            "Invalid input argument for Model 'x': the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model",
        },
      ],
      status_code: 400,
    },
    "refused, too long",
  ],
  [
    "databricks",
    400,
    {
      error_code: "BAD_REQUEST",
      message: '{"error":{"message":"Input tokens (40000) + max_tokens (100) exceed context length 32768"}}',
    },
    "refused, too long",
  ],
  [
    "nebius",
    400,
    {
      detail:
        "Requested token count exceeds the model's maximum context length of 32000 tokens. You requested a total of 40000 tokens",
    },
    "refused, too long",
  ],
  [
    "copilot",
    400,
    { error: { message: "prompt token count of 70000 exceeds the limit of 64000", code: "model_max_prompt_tokens_exceeded" } },
    "refused, too long",
  ],
  [
    "cerebras",
    400,
    {
      message: "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    },
    "refused, too long",
  ],
  [
    "cerebras 429",
    429,
    {
      message: "Tokens per day limit exceeded - too many tokens processed.",
      type: "too_many_tokens_error",
      param: "quota",
      code: "token_quota_exceeded",
    },
    "quota",
  ],
  [
    "cerebras busy",
    429,
    {
      message: "We're experiencing high traffic right now! Please try again soon.",
      type: "too_many_requests_error",
      param: "queue",
      code: "queue_exceeded",
    },
    "rate-limit",
  ],
  [
    "deepinfra ctx",
    400,
    { error: { message: "This model's maximum context length is 131072 tokens. However, you requested 150000 tokens.." } },
    "refused, too long",
  ],
  [
    "gpt5 reasoning_effort",
    400,
    openAI(
      "invalid_request_error",
      "unsupported_value",
      "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'low', 'medium', and 'high'.",
      "reasoning_effort",
    ),
    "setting: providerOptions",
  ],
  [
    "gpt5 stop",
    400,
    openAI(
      "invalid_request_error",
      "unsupported_parameter",
      "Unsupported parameter: 'stop' is not supported with this model.",
      "stop",
    ),
    "setting: stopSequences",
  ],
  [
    "gpt max_tokens range",
    400,
    openAI(
      "invalid_request_error",
      "invalid_value",
      "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.",
      "max_tokens",
    ),
    "setting: maxOutputTokens",
  ],
  [
    "json word",
    400,
    openAI(
      "invalid_request_error",
      null,
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      "messages",
    ),
    "refused",
  ],
  ["slow down 503", 503, openAI("server_error", "slow_down", "Slow Down"), "transient"],
  ["server 500 html", 500, "<html>500</html>", "transient"],
  [
    "openai, a prompt that speaks of models",
    400,
    {
      error: {
        message: "Invalid prompt: the text about a removed model was flagged as violating our usage policy",
        code: "invalid_prompt",
      },
    },
    "refused",
  ],
  [
    "a prompt that is too long for a reply of that length",
    400,
    {
      error: {
        message:
          "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion).",
      },
    },
    "refused, too long",
  ],
  [
    "a reply that is too long for any prompt",
    400,
    {
      error: {
        message:
          "This model's maximum context length is 8192 tokens. However, you requested 9035 tokens (35 in the messages, 9000 in the completion).",
      },
    },
    "setting: maxOutputTokens",
  ],
];
