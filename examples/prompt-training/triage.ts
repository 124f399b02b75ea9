/**
 * An agent that sorts support tickets with a language model, its examples, and the guide that judges it.
 *
 * @module
 */
import { type Example, type Feedback, generate, type ModelLike, Module, type Node, parameter } from "opto";

/** Says which queue a ticket belongs to. */
export class Triage extends Module<string, string> {
  readonly prompt = parameter("Which queue does this ticket belong to?", {
    description: "the system prompt of the model that sorts tickets",
    constraint: "at most 80 words",
  });
  readonly model: ModelLike | undefined;

  /** @param model the model that sorts; by default that of `OPTO_MODEL` */
  constructor(model?: ModelLike) {
    super();
    this.model = model;
  }

  forward(ticket: string): Promise<Node<string>> {
    return generate({ model: this.model, system: this.prompt, prompt: ticket, temperature: 0 });
  }
}

/** Tickets with their queue. */
export const tickets: readonly Example<string, string>[] = [
  { input: "I was charged twice this month.", info: "billing" },
  { input: "The app crashes when I open settings.", info: "technical" },
  { input: "Please send me an invoice for May.", info: "billing" },
  { input: "How do I export my data? The button does nothing.", info: "technical" },
  { input: "My card was declined but the money is gone.", info: "billing" },
  { input: "Sync has been stuck since yesterday.", info: "technical" },
];

/** The answer has to be the name of the queue and nothing else. */
export function judge(_ticket: string, answer: string, queue: string): Feedback {
  if (answer === queue) return { score: 1, feedback: "Right." };
  if (answer.toLowerCase().includes(queue)) {
    return { score: 0.5, feedback: `The queue is right, but the answer must be exactly "${queue}": one word in lower case.` };
  }
  return { score: 0, feedback: `The answer must be exactly "${queue}". The queues are "billing" and "technical".` };
}
