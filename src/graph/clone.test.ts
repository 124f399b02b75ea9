import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.ts";
import { bundle } from "./bundle.ts";
import { Module } from "./module.ts";
import { node } from "./node.ts";
import { parameter } from "./parameter.ts";

class Leaf extends Module<number, number> {
  readonly p = parameter(1);
  notes: string[] = [];
  override forward(x: number): number {
    return x + this.p.value;
  }
}

class Client {
  readonly #secret = 1;
  state = { calls: 0 };
  clone(): never {
    throw new Error("clients are shared");
  }
  ask(): number {
    return this.#secret + this.state.calls++;
  }
}

class LimitedMap extends Map<string, unknown> {
  limit = 3;
}

class Agent extends Module<number, number> {
  readonly prompt = parameter("p");
  readonly leaf = new Leaf();
  readonly alsoLeaf = this.leaf;
  readonly leaves = [new Leaf()];
  readonly byName = new Map([["a", new Leaf()]]);
  readonly client = new Client();
  readonly table = Object.freeze({ rows: [[1, 2]] });
  readonly remember = (x: number): void => {
    this.history.push(x);
  };
  readonly constant = node(5);
  readonly limited = new LimitedMap();
  readonly pattern = /a/g;
  readonly pending = Promise.resolve(1);
  history: number[] = [];
  state: Record<string, unknown> = { count: 0, nested: { list: [1] } };
  seen = new Set<unknown>([1]);
  counts = new Map<string, { n: number }>([["k", { n: 1 }]]);
  started = new Date(0);
  bytes = new Uint8Array([1, 2]);
  buffer = Buffer.from("ab");
  nothing = null;
  symbolic = Symbol.for("s");
  override forward(x: number): number {
    return x;
  }
}

describe("clone", () => {
  const agent = new Agent();
  const copy = agent.clone();

  it("is another object of the same class", () => {
    expect(copy).not.toBe(agent);
    expect(copy).toBeInstanceOf(Agent);
    expect(Object.keys(copy)).toEqual(Object.keys(agent));
  });

  it.each<keyof Agent>([
    "prompt",
    "client",
    "table",
    "remember",
    "constant",
    "limited",
    "pattern",
    "pending",
    "symbolic",
    "nothing",
  ])("shares %s", (field) => {
    expect(copy[field]).toBe(agent[field]);
  });

  it.each<keyof Agent>(["history", "state", "seen", "counts", "started", "bytes", "buffer", "leaf", "leaves", "byName"])(
    "copies %s",
    (field) => {
      expect(copy[field]).not.toBe(agent[field]);
      if (!["leaf", "leaves", "byName"].includes(field)) expect(copy[field]).toStrictEqual(agent[field]);
    },
  );

  it("copies all the way down", () => {
    (copy.state.nested as { list: number[] }).list.push(2);
    (copy.counts.get("k") as { n: number }).n = 9;
    copy.bytes[0] = 9;
    copy.buffer[0] = 120;
    copy.started.setTime(9);
    expect(agent.state).toEqual({ count: 0, nested: { list: [1] } });
    expect(agent.counts.get("k")).toEqual({ n: 1 });
    expect([agent.bytes[0], agent.buffer.toString(), agent.started.getTime()]).toEqual([1, "ab", 0]);
    expect(copy.buffer.toString("utf8")).toBe("xb");
  });

  it("clones modules wherever they stand, with their parameters", () => {
    expect(copy.leaf).not.toBe(agent.leaf);
    expect(copy.leaf.p).toBe(agent.leaf.p);
    expect(copy.leaves[0]?.p).toBe(agent.leaves[0]?.p);
    expect(copy.byName.get("a")?.p).toBe(agent.byName.get("a")?.p);
    copy.leaf.notes.push("x");
    expect(agent.leaf.notes).toEqual([]);
    expect(copy.parameters().map(({ id }) => id)).toEqual(agent.parameters().map(({ id }) => id));
  });

  it("keeps what is the same object the same object", () => {
    expect(copy.alsoLeaf).toBe(copy.leaf);
  });

  it("ends in cycles", () => {
    class Parent extends Leaf {
      child: Leaf & { parent?: Leaf } = new Leaf();
      self: unknown = this;
      ring: unknown[] = [this];
    }
    const parent = new Parent();
    parent.child.parent = parent;
    parent.ring.push(parent.ring);
    const other = parent.clone();
    expect(other.child.parent).toBe(other);
    expect(other.self).toBe(other);
    expect(other.ring[0]).toBe(other);
    expect(other.ring[1]).toBe(other.ring);
  });

  it("of a clone is independent of both", () => {
    const grandchild = copy.clone();
    grandchild.history.push(5);
    expect([copy.history, agent.history]).toEqual([[], []]);
    expect(grandchild.prompt).toBe(agent.prompt);
  });

  it("keeps getters, symbols and hostile keys of plain state", () => {
    const symbol = Symbol("own");
    class Odd extends Leaf {
      state = Object.assign(JSON.parse('{"__proto__":{"a":1}}') as object, { [symbol]: [1] });
      lazy = {
        get now(): string {
          throw new Error("must not be run");
        },
      };
    }
    const odd = new Odd().clone();
    expect(Object.keys(odd.state)).toEqual(["__proto__"]);
    expect((odd.state as { a?: number }).a).toBeUndefined();
    expect((odd.state as Record<symbol, unknown>)[symbol]).toEqual([1]);
    expect(Object.getOwnPropertyDescriptor(odd.lazy, "now")?.get).toBeTypeOf("function");
  });

  it("may be overridden, also in a part", () => {
    class Special extends Leaf {
      resource = { open: true };
      override clone(): this {
        const copy = super.clone();
        copy.resource = this.resource;
        return copy;
      }
    }
    class Holder extends Leaf {
      readonly special = new Special();
    }
    const holder = new Holder();
    const other = holder.clone();
    expect(other.special).not.toBe(holder.special);
    expect(other.special.resource).toBe(holder.special.resource);
    expect(other.special.notes).not.toBe(holder.special.notes);
  });

  it("makes bundled methods use the copy's state", () => {
    class Counter extends Leaf {
      count = 0;
      next = bundle(function (this: Counter): number {
        this.count += 1;
        return this.count;
      });
    }
    const counter = new Counter();
    const other = counter.clone();
    other.next();
    expect([counter.count, other.count, other.next().value]).toEqual([0, 1, 2]);
  });

  it("leaves the state behind when a part cannot be copied", () => {
    class Broken extends Leaf {
      override clone(): never {
        throw new Error("no copies");
      }
    }
    class Holder extends Leaf {
      readonly part = new Broken();
    }
    expect(() => new Holder().clone()).toThrow("no copies");
    const leaf = new Leaf();
    expect(leaf.clone().notes).not.toBe(leaf.notes);
    expect(leaf.clone()).not.toBe(leaf.clone());
  });
});

describe("a class with private members", () => {
  class Field extends Leaf {
    readonly #cache = new Map<number, number>();
    override forward(x: number): number {
      return this.#cache.get(x) ?? x;
    }
  }
  class Method extends Leaf {
    override forward(x: number): number {
      return this.#twice(x);
    }
    #twice(x: number): number {
      return 2 * x;
    }
  }
  class Below extends Field {}
  class Holder extends Leaf {
    readonly part = new Method();
  }
  class Static extends Leaf {
    static readonly #shared = 1;
    override forward(): number {
      return Static.#shared;
    }
  }
  class Mention extends Leaf {
    readonly colour = "#ffffff";
  }
  class Own extends Leaf {
    readonly #count: number;
    constructor(count: number) {
      super();
      this.#count = count;
    }
    override forward(x: number): number {
      return x + this.#count;
    }
    override clone(): this {
      return new Own(this.#count) as this;
    }
  }

  it.each<[string, Module, RegExp]>([
    ["a field", new Field(), /Field cannot be copied for a rollout: its private member #cache/],
    ["a method", new Method(), /#twice/],
    ["a base class", new Below(), /#cache/],
    ["a part", new Holder(), /Method cannot be copied/],
  ])("is refused: %s", (_, module, message) => {
    expect(() => module.clone()).toThrow(GraphError);
    expect(() => module.clone()).toThrow(message);
  });

  it.each<[string, Leaf]>([
    ["a static one", new Static()],
    ["one only in a text", new Mention()],
    ["one that clones itself", new Own(1)],
  ])("is not refused: %s", (_, module) => {
    expect(module.clone().forward(1)).toBe(module.forward(1));
  });
});
