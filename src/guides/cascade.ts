/**
 * `cascade`: an expensive guide that is only asked where a cheap one does not decide.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type AskPart, CombinedGuide, toParts, unionOfRanges } from "./combined-guide.ts";
import type { Guide, GuideLike } from "./guide.ts";

/** How a cascade decides. */
export interface CascadeOptions<X, Y, Info> {
  /** The guide that is asked about every answer. */
  readonly cheap: GuideLike<X, Y, Info>;
  /** The guide that is asked about some. */
  readonly expensive: GuideLike<X, Y, Info>;
  /**
   * About which: `"passed"` of answers that the cheap guide accepts (format first, then quality), `"failed"` of those that it does not (exact
   * match first, then a judge who may accept other words).
   */
  readonly askAbout: "passed" | "failed";
  /** The lowest score of the cheap guide that passes. @default 1 */
  readonly passScore?: number | undefined;
}

/**
 * A guide that asks a cheap guide about every answer and an expensive one only where the first passes, or fails. The score and the
 * feedback are those of the guide that decided, so both should have one scale.
 *
 * @throws InvalidArgumentError for an unknown option
 * @example
 * const guide = cascade({ cheap: exactMatch(), expensive: new LLMJudge(), askAbout: "failed" });
 */
export function cascade<X = unknown, Y = unknown, Info = unknown>(options: CascadeOptions<X, Y, Info>): Guide<X, Y, Info> {
  checkOptions(options, ["cheap", "expensive", "askAbout", "passScore"], "cascade");
  const { cheap, expensive, askAbout, passScore = 1 } = options;
  if (askAbout !== "passed" && askAbout !== "failed") {
    throw new InvalidArgumentError(`Expected \`askAbout\` of cascade to be "passed" or "failed", got ${describeValue(askAbout)}`);
  }
  if (!Number.isFinite(passScore)) {
    throw new InvalidArgumentError(`Expected \`passScore\` of cascade to be a number, got ${describeValue(passScore)}`);
  }
  const parts = toParts({ cheap, expensive }, "cascade");
  const decide = async (ask: AskPart): Promise<Feedback> => {
    const first = await ask("cheap");
    // What the cheap guide cannot score is for the other one.
    const isDecided = first.score !== null && first.score >= passScore !== (askAbout === "passed");
    return isDecided ? first : ask("expensive");
  };
  const guides = Object.values(parts);
  const { meaning } = parts.expensive as Guide<X, Y, Info>;
  return new CombinedGuide(parts, { settings: { askAbout, passScore }, scoreRange: unionOfRanges(guides), meaning, decide });
}
