// Parquet files as data sets, written and read by the real packages.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { loadDataset } from "opto";

describe("a Parquet file", () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "opto-parquet-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function file(columnData, options = {}) {
    const path = join(folder, "x.parquet");
    await writeFile(path, Buffer.from(parquetWriteBuffer({ columnData, ...options })));
    return path;
  }

  it("is read in order, over several row groups", async () => {
    const questions = Array.from({ length: 2500 }, (_, index) => `Frage ${index} äöü`);
    const columnData = [
      { name: "question", data: questions, type: "STRING" },
      { name: "answer", data: questions.map((_, index) => index), type: "INT32" },
    ];
    const path = await file(columnData, { rowGroupSize: 1000 });
    const examples = await loadDataset(path, { input: "question", info: ["answer"] });
    assert.equal(examples.length, 2500);
    assert.deepEqual(examples[2001], { input: "Frage 2001 äöü", info: { answer: 2001 } });
  });

  it("has values as JSON has them", async () => {
    const columnData = [
      { name: "input", data: [1n, 2n ** 60n], type: "INT64" },
      { name: "info", data: [new Date(0), new Date(1)], type: "TIMESTAMP" },
    ];
    assert.deepEqual(await loadDataset(await file(columnData)), [
      { input: 1, info: "1970-01-01T00:00:00.000Z" },
      { input: String(2n ** 60n), info: "1970-01-01T00:00:00.001Z" },
    ]);
  });

  it("is refused with its name where it is not one", async () => {
    const path = join(folder, "no.parquet");
    await writeFile(path, "not a Parquet file at all");
    await assert.rejects(loadDataset(path), /Could not read .*no\.parquet as Parquet: /);
    await assert.rejects(loadDataset(join(folder, "none.parquet")), /Could not read .*none\.parquet as Parquet: .*ENOENT/);
  });

  it("is read with the others of its folder", async () => {
    await file([
      { name: "input", data: ["a"], type: "STRING" },
      { name: "info", data: [1], type: "INT32" },
    ]);
    assert.deepEqual(await loadDataset(join(folder, "x*")), [{ input: "a", info: 1 }]);
  });
});
