/**
 * What the model says: a fixed script that serves every peer in the format that the peer reads.
 *
 * The task has questions by number. An answer is as good as the highest level that the instructions name, and each proposal
 * names a higher level than the one before, so every optimizer makes real progress by its normal path.
 *
 * @module
 */

/** The instructions that optimization starts from: no level, so every answer scores 0. */
export const seedPrompt = "Answer the question.";

/** Numbers from here on are questions of the training set. */
export const firstTrainingQuestion = 1_000;

/** The question of each validation set that straggles when there is a straggler. */
export const stragglingQuestion = 7;

/** What a request is for. */
export type RequestKind = "train" | "validate" | "propose" | "feedback";

/** A request as far as the script reads it. */
export interface ScriptRequest {
  readonly system: string;
  /** All user messages. */
  readonly prompt: string;
}

/** What is answered. */
export interface ScriptReply {
  readonly kind: RequestKind;
  readonly straggles: boolean;
  /** The text of the reply; each call of it proposes the next level. */
  readonly text: () => string;
}

/** Decides about requests; a new script starts at level 0. */
export function startScript(): (request: ScriptRequest) => ScriptReply {
  let level = 0;
  return (request) => {
    const proposer = proposers.find(({ recognizes }) => recognizes(request));
    if (proposer !== undefined) {
      return { kind: "propose", straggles: false, text: () => proposer.reply(promptOfLevel(++level), request) };
    }
    if (request.system.includes("You are the gradient (feedback) engine")) {
      return { kind: "feedback", straggles: false, text: () => "The instructions should ask for a higher level." };
    }
    return answer(request);
  };
}

/** The instructions that a proposal suggests. */
export function promptOfLevel(level: number): string {
  return `Answer the question at level ${level}.`;
}

interface Proposer {
  readonly recognizes: (request: ScriptRequest) => boolean;
  readonly reply: (proposal: string, request: ScriptRequest) => string;
}

/** How each peer asks for a proposal and reads it, most specific first. */
const proposers: readonly Proposer[] = [
  {
    // opto, OptoPrime
    recognizes: ({ prompt }) => prompt.includes('<variable name="'),
    reply: (proposal, { prompt }) => {
      const name = /<variable name="([^"]+)">/.exec(prompt)?.[1] ?? "prompt";
      return `<reasoning>\nAsk for more.\n</reasoning>\n<variable name="${name}">\n${proposal}\n</variable>`;
    },
  },
  {
    // trace-opt, OptoPrime
    recognizes: ({ prompt }) => prompt.includes("#Variables"),
    reply: (proposal, { prompt }) => {
      const name = /#Variables\s*\(str\) (\w+)=/.exec(prompt)?.[1] ?? "prompt";
      return JSON.stringify({ reasoning: "Ask for more.", answer: "", suggestion: { [name]: proposal } });
    },
  },
  {
    // textgrad, TextualGradientDescent
    recognizes: ({ system }) => system.includes("<IMPROVED_VARIABLE>"),
    reply: (proposal) => `<IMPROVED_VARIABLE>${proposal}</IMPROVED_VARIABLE>`,
  },
  {
    // DSPy, COPRO
    recognizes: ({ system }) => system.includes("[[ ## proposed_instruction ## ]]"),
    reply: (proposal) => {
      const prefix = "[[ ## proposed_prefix_for_output_field ## ]]\nAnswer:";
      return `[[ ## proposed_instruction ## ]]\n${proposal}\n\n${prefix}\n\n[[ ## completed ## ]]`;
    },
  },
  {
    // gepa
    recognizes: ({ prompt }) => /within ``` blocks/.test(prompt),
    reply: (proposal) => `\`\`\`\n${proposal}\n\`\`\``,
  },
  {
    // ax, AxGEPA
    recognizes: ({ system, prompt }) => /New Value/.test(system) && /Component Key/.test(prompt),
    reply: (proposal) => `New Value: ${proposal}`,
  },
  {
    // dsts
    recognizes: ({ prompt }) => prompt.startsWith("You are tasked with improving a text component"),
    reply: (proposal) => proposal,
  },
];

function answer({ system, prompt }: ScriptRequest): ScriptReply {
  const number = Number([...prompt.matchAll(/Question (\d+)/g)].at(-1)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) throw new Error(`Expected a question by number or the request of an optimizer, got ${prompt}`);
  const levels = [...system.matchAll(/at level (\d+)/g)].map(([, digits]) => Number(digits));
  const text = `answer-${number} at level ${Math.max(0, ...levels)}`;
  return {
    kind: number >= firstTrainingQuestion ? "train" : "validate",
    straggles: number === stragglingQuestion,
    text: () => inFormatOf(system, text),
  };
}

/** DSPy and ax read the answer as a field. */
function inFormatOf(system: string, text: string): string {
  if (system.includes("[[ ## answer ## ]]")) return `[[ ## answer ## ]]\n${text}\n\n[[ ## completed ## ]]`;
  return /^`?Answer:?/m.test(system) && system.includes("Answer:") ? `Answer: ${text}` : text;
}
