/**
 * What is shown in place of an answer: that it is on its way, that it failed, or that there is nothing.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { Answer } from "../answer.ts";
import { InlineText } from "./model-text.tsx";

interface AnsweredProps<T> {
  readonly answer: Answer<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** What is made of an answer once there is one; an error of a later request is shown above it. */
export function Answered<T>({ answer, children }: AnsweredProps<T>): ComponentChildren {
  const { data, error } = answer;
  if (data === undefined) return error === undefined ? <Loading /> : <Problem text={error} />;
  return (
    <>
      {error === undefined ? null : <Problem text={error} />}
      {children(data)}
    </>
  );
}

export function Problem({ text }: { readonly text: string }): ComponentChildren {
  return (
    <p class="problem" role="alert">
      <InlineText text={text} />
    </p>
  );
}

/** Why something is absent. */
export function Absent({ children }: { readonly children: ComponentChildren }): ComponentChildren {
  return <p class="absent">{typeof children === "string" ? <InlineText text={children} /> : children}</p>;
}

/** Is seen only when the answer takes a moment. */
export function Loading(): ComponentChildren {
  return (
    <p class="loading" role="status">
      Loading…
    </p>
  );
}
