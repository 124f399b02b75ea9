/**
 * Hands functions of every form to `bundle` and prints what was found.
 *
 * @module
 */

import * as path from "node:path";
import { basename } from "node:path";
import { bundle, sources } from "./bundle.ts";
import { double, elsewhere, rate as factor } from "./declared.ts";
import { trainable } from "./helper.ts";

interface Item {
  readonly key: string;
}

bundle(
  function sortList(items: readonly number[], descending?: boolean): number[] {
    // Keep what came.
    const sign: 1 | -1 = descending ? -1 : 1;
    const compare = (a: number, b: number): number => sign * (a - b);
    return [...items].sort(compare);
  },
  { id: "inline function" },
);

const shout = bundle(async <T extends string>(text: T, marks = 1): Promise<string> => `${text}${"!".repeat(marks)}` as string, {
  id: "inline arrow",
  name: "",
});

const scale = (x: number): number => x * factor;
bundle(scale, { id: "arrow in a variable" });

/** Counts up. */
function* count(this: void, to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}
bundle(count, { id: "declaration" });

const keyOf = function (this: void, item: Item): string {
  return item!.key satisfies string;
};
bundle(keyOf, { id: "anonymous function" });

class Agent {
  readonly greet = bundle(
    (name: string): string => {
      const lines: string[] = [
        `Dear ${name},
  how are you?
    `,
      ];
      return lines.join("\n");
    },
    { id: "class field", name: "" },
  );
}
new Agent();

const tools = {
  async search<T>(query: T, ...more: readonly T[]): Promise<T[]> {
    return [query, ...more];
  },
  plain: (x: number): number => x,
};
bundle(tools.search, { id: "method" });
bundle(tools.plain, { id: "property" });

// biome-ignore format: several calls on one line are the point
export const one = bundle((x: number) => x, { id: "first on a line", name: "" }), two = bundle((x: string) => x, { id: "second on a line", name: "" });

function outer(): void {
  function inner(x: number): string {
    return `${x}`;
  }
  bundle(inner, { id: "nested of one name, number" });
}
function another(): void {
  function inner(x: string): string {
    return `${x}`;
  }
  bundle(inner, { id: "nested of one name, string" });
}
outer();
another();

trainable("through a helper", function fromHelper(file: string): string {
  class Named {
    static readonly kind: string = "named";
    #file?: string = file;
    read(): string {
      return basename(this.#file ?? "") + path.extname(file) + double(2) + Named.kind;
    }
  }
  return new Named().read();
});
bundle(elsewhere, { id: "of another file" });

void shout;
console.log(JSON.stringify(sources));
