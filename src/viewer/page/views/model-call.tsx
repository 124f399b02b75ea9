/**
 * A call of a model: its messages, its reply, the tools it called, and what it cost.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { ModelCallView, ToolCallView } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dateTime, dollars, duration } from "../format.ts";
import { InlineText, ModelText, valueText } from "../parts/model-text.tsx";
import { Problem } from "../parts/notice.tsx";

export function ModelCall({
  call,
  isOpen = false,
}: {
  readonly call: ModelCallView;
  readonly isOpen?: boolean;
}): ComponentChildren {
  const { role, model, messages, reply, toolCalls, error, finishReason } = call;
  return (
    <details class="call" open={isOpen}>
      <summary>
        <b>
          <InlineText text={role} />
        </b>{" "}
        <InlineText text={model} />
        <span class="quiet call-facts">
          <span>{tokensText(call)}</span>
          <span>{duration(call.durationMs)}</span>
          <span>{dollars(call.usd)}</span>
        </span>
      </summary>
      <p class="quiet">
        {dateTime(call.at)} · <code>{onOneLine(call.position)}</code>
        {finishReason === null || finishReason === "stop" ? "" : ` · ended: ${onOneLine(finishReason, 60)}`}
      </p>
      {messages.map(({ role: from, text, toolCalls: tools }, place) => (
        <Message key={place} from={from} text={text} tools={tools} />
      ))}
      {reply === null && toolCalls.length === 0 ? null : <Message from="reply" text={reply ?? ""} tools={toolCalls} isReply />}
      {error === null ? null : <Problem text={error} />}
    </details>
  );
}

interface MessageProps {
  readonly from: string;
  readonly text: string;
  readonly tools: readonly ToolCallView[];
  readonly isReply?: boolean;
}

function Message({ from, text, tools, isReply = false }: MessageProps): ComponentChildren {
  return (
    <div class={isReply ? "message reply" : "message"}>
      <span class="from">{onOneLine(from, 40)}</span>
      <div>
        {text === "" && tools.length > 0 ? null : <ModelText text={text} label={from} most={3000} />}
        {tools.map(({ id, name, input, output }, place) => (
          <div class="tool" key={id ?? place}>
            <span class="quiet">tool</span> <code>{onOneLine(name)}</code>
            <ModelText text={valueText(input)} label={`Input of ${name}`} most={1500} />
            {output === null ? null : (
              <>
                <span class="quiet">returned</span>
                <ModelText text={valueText(output)} label={`Output of ${name}`} most={1500} />
              </>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function tokensText({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens, isEstimated }: ModelCallView): string {
  if (inputTokens === null && outputTokens === null) return "tokens not known";
  const cached = cachedInputTokens === null || cachedInputTokens === 0 ? "" : ` (${count(cachedInputTokens)} cached)`;
  const thought = reasoningTokens === null || reasoningTokens === 0 ? "" : ` (${count(reasoningTokens)} reasoning)`;
  return `${isEstimated ? "about " : ""}${count(inputTokens)}${cached} → ${count(outputTokens)}${thought} tokens`;
}
