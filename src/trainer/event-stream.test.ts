import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AmbientEvent } from "../graph/scope.ts";
import { EventLane } from "./event-stream.ts";

function root(): { lane: EventLane; live: string[]; ordered: string[] } {
  const [live, ordered]: [string[], string[]] = [[], []];
  const lane = new EventLane({
    live: ({ type }) => live.push(type),
    ordered: ({ type }) => ordered.push(type),
  });
  return { lane, live, ordered };
}

const event = (type: string): AmbientEvent => ({ type });

describe("EventLane", () => {
  it("releases at once what is not concurrent", () => {
    const { lane, ordered } = root();
    lane.emit(event("a"));
    expect(ordered).toEqual(["a"]);
  });

  it("gives events live as they happen, and in order of the lanes", () => {
    const { lane, live, ordered } = root();
    const [first, second] = lane.fork(2) as [EventLane, EventLane];
    lane.emit(event("after"));
    second.emit(event("2a"));
    first.emit(event("1a"));
    expect([live, ordered]).toEqual([["after", "2a", "1a"], ["1a"]]);
    second.close();
    first.emit(event("1b"));
    expect(ordered).toEqual(["1a", "1b"]);
    first.close();
    expect(ordered).toEqual(["1a", "1b", "2a", "after"]);
  });

  it("releases the lane whose turn it is as it happens", () => {
    const { lane, ordered } = root();
    const [first, second] = lane.fork(2) as [EventLane, EventLane];
    first.close();
    second.emit(event("2a"));
    expect(ordered).toEqual(["2a"]);
  });

  it("waits no more for what is within a lane that is closed", () => {
    const { lane, ordered } = root();
    const [piece] = lane.fork(1) as [EventLane];
    const [hanging] = piece.fork(1) as [EventLane];
    hanging.emit(event("before"));
    lane.emit(event("after"));
    piece.close();
    expect(ordered).toEqual(["before", "after"]);
    const [late] = piece.fork(1) as [EventLane];
    late.emit(event("late"));
    lane.emit(event("end"));
    expect(ordered).toEqual(["before", "after", "late", "end"]);
  });

  it("has the same order whatever the timing, at any depth", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1_000)), fc.nat(3), fc.nat(4), (choices, depth, width) => {
        const { lane, live, ordered } = root();
        const expected: string[] = [];
        // Every lane: an event, its lanes, an event. What is to be done next is chosen at random among all lanes.
        const plan = (name: string, level: number): void => {
          expected.push(`${name}<`);
          if (level < depth) for (let index = 0; index < width; index++) plan(`${name}${index}`, level + 1);
          expected.push(`${name}>`);
        };
        plan("", 0);
        type Work = () => Work[];
        const work = (own: EventLane, name: string, level: number, done: () => void): Work => {
          return () => {
            own.emit(event(`${name}<`));
            const lanes = level < depth ? own.fork(width) : [];
            let open = lanes.length;
            const end: Work = () => {
              own.emit(event(`${name}>`));
              own.close();
              done();
              return [];
            };
            if (open === 0) return [end];
            return lanes.map((inner, index) => work(inner, `${name}${index}`, level + 1, () => --open === 0 && ready.push(end)));
          };
        };
        const ready: Work[] = [work(lane, "", 0, () => {})];
        while (ready.length > 0) {
          const at = (choices.next().value as number) % ready.length;
          ready.push(...(ready.splice(at, 1)[0] as Work)());
        }
        expect(ordered).toEqual(expected);
        expect([...live].sort()).toEqual([...expected].sort());
      }),
    );
  });
});
