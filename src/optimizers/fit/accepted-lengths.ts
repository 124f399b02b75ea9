/**
 * `AcceptedLengths`: how long the prompts are that models have answered.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../../data/json.ts";

/** The longest prompt that each model has answered, in tokens, by its name. */
export class AcceptedLengths {
  readonly #byModel: Map<string, number>;

  constructor(known: Iterable<readonly [model: string, tokens: number]> = []) {
    this.#byModel = new Map(known);
  }

  /** What `state` has written, among others; of anything else nothing. */
  static in(state: JsonValue): AcceptedLengths {
    const entries = isPlainObject(state) && isPlainObject(state.accepted) ? Object.entries(state.accepted) : [];
    return new AcceptedLengths(entries.flatMap(([model, tokens]) => (typeof tokens === "number" ? [[model, tokens]] : [])));
  }

  /** `undefined` for a model that has answered none. */
  of(model: string): number | undefined {
    return this.#byModel.get(model);
  }

  note(model: string, tokens: number): void {
    this.#byModel.set(model, Math.max(this.#byModel.get(model) ?? 0, tokens));
  }

  /** As it is now, whatever is noted later. */
  copy(): AcceptedLengths {
    return new AcceptedLengths(this.#byModel);
  }

  /** What is known, as a part of the state of an optimizer; empty where that is nothing. */
  state(): { readonly accepted?: JsonValue } {
    return this.#byModel.size === 0 ? {} : { accepted: Object.fromEntries(this.#byModel) };
  }
}
