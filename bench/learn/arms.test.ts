import { describe, expect, it } from "vitest";
import * as registry from "../../src/algorithms/searches.ts";
import { optoArms, searches } from "./arms.ts";
import { cellId } from "./cell.ts";
import { planCells } from "./plan.ts";
import { readSettings } from "./settings.ts";
import { dates } from "./tasks/dates.ts";
import { numerical } from "./tasks/numerical.ts";

describe("searches", () => {
  it("are all searches of opto", () => {
    expect(Object.keys(searches).toSorted()).toEqual(Object.keys(registry).toSorted());
  });

  it("are for tasks that have the list they change", () => {
    const namesOf = (task: typeof dates) => optoArms(task).map(({ name }) => name);
    expect(namesOf(dates)).toContain("bootstrapFewShot");
    expect(namesOf(numerical)).not.toContain("bootstrapFewShot");
    expect(namesOf(dates)).not.toContain("acePlaybook");
    expect(namesOf({ ...dates, playbook: "playbook" })).toContain("acePlaybook");
  });
});

describe("optimizers", () => {
  const planned = async (optimizers: string, algorithms = "gepa"): Promise<string[]> => {
    const settings = readSettings(["--tasks", "dates", "--algorithms", algorithms, "--seeds", "1", "--optimizers", optimizers]);
    return (await planCells(settings)).map((cell) => cellId(cell));
  };

  it("are told apart by the names of cells, whichever of them is named first", async () => {
    expect(await planned("OptoPrime,OPRO")).toEqual(["dates--start--0", "dates--gepa--0", "dates--gepa-OPRO--0"]);
    expect(await planned("OPRO")).toEqual(["dates--start--0", "dates--gepa-OPRO--0"]);
    expect(await planned("")).toEqual(["dates--start--0", "dates--gepa--0"]);
  });

  it("are taken from the name of a row, without another option", async () => {
    const both = ["dates--start--0", "dates--gepa--0", "dates--gepa-OPRO--0"];
    expect(await planned("", "gepa,gepa/OPRO")).toEqual(both);
    expect(await planned("OptoPrime,OPRO", "gepa,gepa/OPRO")).toEqual(both);
    await expect(planned("", "gepa/TPE")).rejects.toThrow("got gepa/TPE");
    await expect(planned("", "acePlaybook")).rejects.toThrow("got acePlaybook");
  });
});
