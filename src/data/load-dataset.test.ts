import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type LoadDatasetOptions, loadDataset } from "./load-dataset.ts";

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-dataset-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes a file into a folder of its own. */
async function file(name: string, content: string | Uint8Array): Promise<string> {
  files += 1;
  const own = join(folder, String(files));
  await mkdir(own, { recursive: true });
  await writeFile(join(own, name), content);
  return join(own, name);
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => expect.fail("expected a failure"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InvalidArgumentError);
  return (error as Error).message.replaceAll(folder, "");
}

const two = [
  { input: "a", info: 1 },
  { input: "b", info: 2 },
];

describe("loadDataset", () => {
  it.each<[string, string, string]>([
    ["JSON Lines", "x.jsonl", '{"input":"a","info":1}\n{"input":"b","info":2}\n'],
    ["JSON Lines without a last line break", "x.jsonl", '{"input":"a","info":1}\n{"input":"b","info":2}'],
    [
      "JSON Lines of Windows, with a byte order mark and blank lines",
      "x.jsonl",
      '\ufeff{"input":"a","info":1}\r\n\r\n{"input":"b","info":2}\r\n \r\n',
    ],
    ["rows with `expected`", "x.jsonl", '{"input":"a","expected":1}\n{"input":"b","info":2,"expected":9}'],
    ["a JSON list", "x.json", '\ufeff[{"input":"a","info":1},{"input":"b","expected":2}]'],
    ["a JSON object of two lists", "x.json", '{"inputs":["a","b"],"infos":[1,2]}'],
    ["an ending in capitals", "X.JSONL", '{"input":"a","info":1}\n{"input":"b","info":2}\n'],
  ])("reads %s", async (_, name, content) => {
    expect(await loadDataset(await file(name, content))).toEqual(two);
  });

  it.each<[string, string]>([
    ["plain", "input,info\na,1\nb,2\n"],
    ["of Windows, with a byte order mark and blank lines", "\ufeffinput,info\r\n\r\na,1\r\nb,2\r\n\r\n"],
    ["with `expected` and more columns", "id,input,expected\n7,a,1\n8,b,2"],
    ["with everything in quotes", '"input","info"\n"a","1"\n"b","2"'],
    ["whose line ends are mixed, the first of Unix", "input,info\na,1\r\nb,2\r\n"],
    ["whose line ends are mixed, the first of Windows", "input,info\r\na,1\nb,2\n"],
    ["whose line ends are mixed, in quotes", '"input","info"\n"a","1"\r\n"b","2"\n'],
    ["of old computers", "input,info\ra,1\rb,2\r"],
  ])("reads CSV %s", async (_, content) => {
    expect(await loadDataset(await file("x.csv", content))).toEqual([
      { input: "a", info: "1" },
      { input: "b", info: "2" },
    ]);
  });

  it("keeps delimiters, quotes and line breaks inside CSV quotes as they are", async () => {
    const path = await file("x.csv", 'input,info\r\n"a, ""b""\r\nc\n",\r\n');
    expect(await loadDataset(path)).toEqual([{ input: 'a, "b"\r\nc\n', info: "" }]);
  });

  it.each([
    ["of another system in one column", "input\r\nfoo\nbar\n", ["foo", "bar"]],
    ["inside quotes", 'input\n"a\r\nb"\r\n"c\rd"\n"e\nf"\n', ["a\r\nb", "c\rd", "e\nf"]],
    ["that is a carriage return alone", "input\n10%\r20%\nb\n", ["10%\r20%", "b"]],
  ])("reads a CSV line break %s", async (_, content, inputs) => {
    const rows = await loadDataset(await file("x.csv", content), { info: null });
    expect(rows.map(({ input }) => input)).toEqual(inputs);
  });

  it("maps rows by column or by function", async () => {
    const path = await file("x.csv", "text,label,__proto__\nhello,spam,x\nbye,ham,y\n");
    expect(await loadDataset(path, { input: "text", info: (row) => row.label === "spam" })).toEqual([
      { input: "hello", info: true },
      { input: "bye", info: false },
    ]);
    expect(
      await loadDataset(path, { input: ({ text, label }) => `${String(text)} ${String(label)}`, info: "__proto__" }),
    ).toEqual([
      { input: "hello spam", info: "x" },
      { input: "bye ham", info: "y" },
    ]);
  });

  it("keeps line separators of Unicode inside JSON strings", async () => {
    const input = "one\u2028two\u2029three\u0085four";
    const path = await file("x.jsonl", `${JSON.stringify({ input, info: 0 })}\n${JSON.stringify({ input: "next", info: 1 })}\n`);
    expect((await loadDataset(path)).map((example) => example.input)).toEqual([input, "next"]);
  });

  it.each(["jsonl", "csv"])("reads %s files of many chunks with characters and records across their borders", async (ending) => {
    const rows = Array.from({ length: 6000 }, (_, index) => ({ input: "äöü€😀".repeat(1 + (index % 13)), info: `${index}` }));
    const lines =
      ending === "csv"
        ? ["input,info", ...rows.map(({ input, info }) => `"${input}",${info}`)]
        : rows.map((row) => JSON.stringify(row));
    expect(await loadDataset(await file(`x.${ending}`, lines.join("\r\n")))).toEqual(rows);
  });

  it("reads a line that is longer than a chunk", async () => {
    const input = "long ".repeat(100_000);
    expect(await loadDataset(await file("x.jsonl", JSON.stringify({ input, info: null })))).toEqual([{ input, info: null }]);
  });

  describe("with a star", () => {
    it("takes all files that fit, of any known ending, sorted by name, no hidden ones, no folders", async () => {
      const first = await file("part-10.jsonl", '{"input":"ten","info":0}');
      const own = join(first, "..");
      await writeFile(join(own, "part-2.csv"), "input,info\ntwo,0");
      await writeFile(join(own, "part-1.json"), '[{"input":"one","info":0}]');
      await writeFile(join(own, "other.jsonl"), "not read");
      await writeFile(join(own, ".jsonl"), "not read");
      await mkdir(join(own, "part-3.jsonl"));
      const inputs = async (pattern: string) => (await loadDataset(join(own, pattern))).map((example) => example.input);
      expect(await inputs("part-*")).toEqual(["one", "ten", "two"]);
      expect(await inputs("part-1*")).toEqual(["one", "ten"]);
      expect(await inputs("*0.jsonl")).toEqual(["ten"]);
      expect(await inputs("part-2.csv*")).toEqual(["two"]);
    });

    it("does not match one stretch of a name twice, and says when nothing fits", async () => {
      const own = join(await file("aba.jsonl", '{"input":1,"info":1}'), "..");
      expect(await failure(loadDataset(join(own, "aba*ba.jsonl")))).toMatch(
        /Expected .*aba\*ba.jsonl to match at least one file, got none among the 1 entries/,
      );
      expect(await failure(loadDataset(join(own, "none", "*.csv")))).toContain("Could not look for");
    });

    it.each(["*/x.jsonl", "x*y*.jsonl", "**.jsonl"])("refuses %s", async (pattern) => {
      expect(await failure(loadDataset(join(folder, pattern)))).toContain("at most one * in a dataset path, in its last part");
    });
  });

  it("takes a URL", async () => {
    const path = await file("with space.jsonl", '{"input":"a","info":1}');
    expect(await loadDataset(pathToFileURL(path))).toEqual([{ input: "a", info: 1 }]);
  });

  it.each<[string, string, string | Uint8Array, LoadDatasetOptions<unknown, unknown>, RegExp]>([
    ["a malformed line", "x.jsonl", '{"input":1,"info":1}\n\n{"input":2,\n', {}, /x\.jsonl:3 to be JSON, got .*\{.*input.*2,"? /],
    ["malformed JSON", "x.json", "[1,", {}, /x\.json to be JSON, got "?\[1,/],
    ["a row that is no object", "x.jsonl", "[1]", {}, /x\.jsonl:1 to be an object, got \[1\] \(array of 1\)/],
    ["JSON that is no list", "x.json", '"text"', {}, /list of rows or \{ inputs, infos \} in .*x\.json, got "?text/],
    ["two lists of different lengths", "x.json", '{"inputs":[1,2],"infos":[1]}', {}, /x\.json.* got 2 inputs and 1 infos/],
    [
      "a row without info",
      "x.jsonl",
      '{"input":1,"info":1}\n{"input":2}',
      {},
      /x\.jsonl:2 to have `info` or `expected`, got \{"input":2\} \(Object\); .*option `info`/,
    ],
    ["a list element without input", "x.json", '[{"input":1,"info":1},{"info":2}]', {}, /x\.json\[1\] to have `input`, got/],
    [
      "a column that is not there",
      "x.csv",
      "text,label\na,b",
      { input: "txt", info: "label" },
      /x\.csv:2 to have `txt`, got \{"text":"a","label":"b"\}/,
    ],
    ["an inherited name as column", "x.csv", "text,label\na,b", { input: "toString", info: "label" }, /to have `toString`/],
    [
      "a missing field",
      "x.csv",
      'input,info\n"a\r\nb",1\n\nc\n',
      {},
      /x\.csv:5 to have 2 fields \(input, info\), got 1: \["c"\]/,
    ],
    ["a field too many", "x.csv", "input,info\na,1,2\n", {}, /x\.csv:2 to have 2 fields \(input, info\), got 3: \["a","1","2"\]/],
    ["a column named twice", "x.csv", "input,info,input\n1,2,3", {}, /x\.csv:1 to name every column once, got `input` twice/],
    [
      "a stray quote",
      "x.csv",
      'input,info\r\n"a\r\nb",1\r\nc"d,2\r\n',
      {},
      /x\.csv:4 to be a CSV record: Invalid Opening Quote: a quote is found on field 0, value is "c"/,
    ],
    ["an unclosed quote", "x.csv", 'input,info\na,1\n"b,2\nc,3\nd,4\n', {}, /x\.csv:3 to be a CSV record: Quote Not Closed/],
    ["text after a quote", "x.csv", 'input,info\n"a"b,1\n', {}, /x\.csv:2 to be a CSV record: Invalid Closing Quote: got "b"/],
    ["an empty file", "x.jsonl", "", {}, /x\.jsonl` to have at least one example/],
    ["a header alone", "x.csv", "input,info\n", {}, /at least one example/],
    ["an empty JSON list", "x.json", "[]", {}, /at least one example/],
    [
      "text that is not UTF-8",
      "x.jsonl",
      Buffer.from('{"input":"é","info":1}', "latin1"),
      {},
      /Could not read .*x\.jsonl as UTF-8 text/,
    ],
    ["CSV that is not UTF-8", "x.csv", Buffer.from("input,info\né,1", "latin1"), {}, /Could not read .*x\.csv as UTF-8 text/],
    ["UTF-8 that breaks off", "x.jsonl", Buffer.from('{"input":"é').subarray(0, -1), {}, /as UTF-8 text/],
    ["another ending", "x.txt", "input", {}, /ending in \.jsonl, \.csv, \.tsv, \.json, \.parquet, got/],
    [
      "an unknown option",
      "x.csv",
      "",
      { inputs: "a" } as never,
      /Unknown option `inputs` of loadDataset; did you mean `input`\?/,
    ],
  ])("refuses %s, saying where and what", async (_, name, content, options, message) => {
    expect(await failure(loadDataset(await file(name, content), options))).toMatch(message);
  });

  describe("in other encodings", () => {
    const json = '{"input":"é","info":1}\n{"input":"日","info":2}\n';
    const rows = [
      { input: "é", info: 1 },
      { input: "日", info: 2 },
    ];
    const bigEndian = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

    it.each<[string, Uint8Array, string | undefined]>([
      ["UTF-16 LE with its mark", Buffer.from(`\ufeff${json}`, "utf16le"), undefined],
      ["UTF-16 BE with its mark", bigEndian(`\ufeff${json}`), undefined],
      ["UTF-16 LE without its mark", Buffer.from(json, "utf16le"), undefined],
      ["UTF-16 BE without its mark", bigEndian(json), undefined],
      ["UTF-16 LE that is asked for", Buffer.from(json, "utf16le"), "utf-16le"],
      ["UTF-16 BE that is asked for", bigEndian(json), "utf-16be"],
      ["UTF-8 whose mark says otherwise than what is asked for", Buffer.from(`\ufeff${json}`), "latin1"],
    ])("reads %s", async (_, content, encoding) => {
      expect(await loadDataset(await file("x.jsonl", content), encoding === undefined ? {} : { encoding })).toEqual(rows);
    });

    it("reads Latin-1 with semicolons, as spreadsheets of Europe write it", async () => {
      const path = await file("x.csv", Buffer.from('Frage;Antwort\r\n"Größe; in m";1,85\r\n', "latin1"));
      expect(await loadDataset(path, { encoding: "latin1", delimiter: ";", input: "Frage", info: "Antwort" })).toEqual([
        { input: "Größe; in m", info: "1,85" },
      ]);
    });

    it("reads UTF-16 of many chunks", async () => {
      const many = Array.from({ length: 20_000 }, (_, index) => ({ input: `日本${index}`, info: index }));
      const text = many.map((row) => `${JSON.stringify(row)}\n`).join("");
      expect(await loadDataset(await file("x.jsonl", Buffer.from(`\ufeff${text}`, "utf16le")))).toEqual(many);
    });

    it.each<[string, Uint8Array, RegExp]>([
      [
        "Latin-1",
        Buffer.from('{"input":"e","info":1}\n{"input":"é","info":1}\n', "latin1"),
        /line 2 has bytes .*`encoding`.*"latin1"/,
      ],
      [
        "half a pair of UTF-16",
        Buffer.from('\ufeff{"input":"\ud800","info":1}', "utf16le"),
        /as UTF-16LE text: it has bytes that are not valid UTF-16LE/,
      ],
    ])("refuses %s and says which option helps", async (_, content, message) => {
      expect(await failure(loadDataset(await file("x.jsonl", content)))).toMatch(message);
    });

    it.each([0, 1, 2, 3, 4, 5])("names the line of a broken byte behind the first chunk (%i)", async (shift) => {
      // Chunks have 64 KiB: the euro signs stand across their border in one way or another.
      const line = (text: string): string => `{"input":"${text}","info":1}\n`;
      const good = line("x".repeat(shift)) + line("€".repeat(1_000)).repeat(30);
      const content = Buffer.concat([Buffer.from(good), Buffer.from(line("é"), "latin1"), Buffer.from(line("end"))]);
      expect(await failure(loadDataset(await file("x.jsonl", content)))).toMatch(/line 32 has bytes that are not valid UTF-8/);
    });

    it.each<[string, LoadDatasetOptions<unknown, unknown>, RegExp]>([
      ["an unknown encoding", { encoding: "klingon" }, /Expected `encoding` to name an encoding, such as .*got "klingon"/],
      ["a delimiter that is none", { delimiter: "" }, /Expected `delimiter` to be a field separator, such as ";", got ""/],
      ["a delimiter for another kind of file", { delimiter: ";" }, /`delimiter` is only for \.csv files, got ";"/],
    ])("refuses %s", async (_, options, message) => {
      expect(await failure(loadDataset(await file("x.jsonl", json), options))).toMatch(message);
    });
  });

  it.each<[content: string, info: string]>([
    ["input;info\na;1\n", "1"],
    ["input;info\na;1,5\n", "1,5"],
    ["\ufeff\r\n\r\ninput;info\r\na;1\r\n", "1"],
    ["input\tinfo\na\t1\n", "1"],
    ["input|info\na|1\n", "1"],
    ['"text; more";input;info\nx;a;1\n', "1"],
    ["input;info", ""],
  ])("finds the delimiter of %j in the header", async (content, info) => {
    const read = loadDataset(await file("x.csv", content));
    if (info === "") expect(await failure(read)).toMatch(/at least one example/);
    else expect(await read).toEqual([{ input: "a", info }]);
  });

  it("takes a comma where a header has as many of several, and says which option helps where the given one is not right", async () => {
    expect(await loadDataset(await file("x.csv", "input,info;unit\na,1\n"), { info: "info;unit" })).toEqual([
      { input: "a", info: "1" },
    ]);
    expect(await failure(loadDataset(await file("x.csv", "input;info\na;1\n"), { delimiter: "," }))).toMatch(
      /columns seem to be separated by ";": set the option `delimiter`/,
    );
  });

  it("reads files with tabs by their ending, and finds a delimiter beyond the first chunk", async () => {
    expect(await loadDataset(await file("x.tsv", "input\tinfo\na;b,c\t1\n"))).toEqual([{ input: "a;b,c", info: "1" }]);
    const long = "x".repeat(200_000);
    const [first] = await loadDataset(await file("x.csv", `${long};input;info\nx;a;1\n`));
    expect(first).toEqual({ input: "a", info: "1" });
  });

  it("makes objects of several columns, under their names or others", async () => {
    const path = await file("x.csv", "subject,body,label\nHi,Lunch?,ham\n");
    expect(await loadDataset(path, { input: ["subject", "body"], info: "label" })).toEqual([
      { input: { subject: "Hi", body: "Lunch?" }, info: "ham" },
    ]);
    expect(await loadDataset(path, { input: { title: "subject" }, info: { kind: "label" } })).toEqual([
      { input: { title: "Hi" }, info: { kind: "ham" } },
    ]);
    expect(await failure(loadDataset(path, { input: ["subject", "text"], info: null }))).toMatch(/x\.csv:2 to have `text`, got/);
    for (const input of [[], [7], 7] as never[]) {
      expect(await failure(loadDataset(path, { input }))).toMatch(/`input` to be a column, columns, or a function of the row/);
    }
  });

  it("reads rows of Hugging Face as they are saved", async () => {
    const page = (more: object) => ({
      features: [{ name: "question" }],
      rows: [
        { row_idx: 0, row: { question: "a", answer: 1 }, truncated_cells: [] },
        { row_idx: 1, row: { question: "b", answer: 2 }, ...more },
      ],
    });
    const columns = { input: "question", info: "answer" };
    expect(await loadDataset(await file("x.json", JSON.stringify(page({}))), columns)).toEqual(two);
    const cut = await file("x.json", JSON.stringify(page({ truncated_cells: ["question"] })));
    expect(await failure(loadDataset(cut, columns))).toMatch(
      /x\.json\[1\] is incomplete: Hugging Face cut off the columns question/,
    );
  });

  it.each<[string, () => AsyncIterable<unknown> | Iterable<unknown>]>([
    ["a list", () => [...two]],
    ["a generator", () => two.values()],
    [
      "an async generator",
      async function* () {
        yield* two;
      },
    ],
  ])("reads %s", async (_, make) => {
    expect(await loadDataset(make())).toEqual(two);
    expect(await loadDataset(make(), { input: ({ info }) => info, info: "input" })).toEqual([
      { input: 1, info: "a" },
      { input: 2, info: "b" },
    ]);
  });

  it("says which generated row is wrong, and ends with the signal", async () => {
    expect(await failure(loadDataset([{ input: 1, info: 1 }, { input: 2 }]))).toMatch(
      /Expected row 1 to have `info` or `expected`/,
    );
    expect(await failure(loadDataset([]))).toMatch(/`rows` to have at least one example/);
    expect(await failure(loadDataset(7 as never))).toMatch(/Expected a path or rows to load, got 7/);
    const controller = new AbortController();
    async function* endless() {
      for (let input = 0; ; input++) {
        if (input === 3) controller.abort(new Error("stop"));
        yield { input, info: null };
      }
    }
    await expect(loadDataset(endless(), { signal: controller.signal })).rejects.toThrow("stop");
  });

  describe("of a folder", () => {
    it("reads each text as a row, with the folder that it is in", async () => {
      const own = join(await file("readme", "Top."), "..");
      await mkdir(join(own, "spam"));
      await writeFile(join(own, "spam", "2.txt"), "You won!");
      await writeFile(join(own, "spam", "1.txt"), Buffer.from("\ufeffHé", "utf16le"));
      await writeFile(join(own, ".hidden"), "not read");
      expect(await loadDataset(own)).toEqual([
        { input: "Top.", info: null },
        { input: "Hé", info: "spam" },
        { input: "You won!", info: "spam" },
      ]);
      expect(await loadDataset(own, { input: "path", info: "name" })).toContainEqual({ input: "spam/1.txt", info: "1.txt" });
    });

    it("reads the rows of data files, in order of their paths", async () => {
      const own = join(await file("b.jsonl", '{"input":"b","info":2}'), "..");
      await mkdir(join(own, "a"));
      await writeFile(join(own, "a", "x.csv"), "input;info\na;1\n");
      expect(await loadDataset(own, { delimiter: ";" })).toEqual([
        { input: "a", info: "1" },
        { input: "b", info: 2 },
      ]);
    });

    it("names a file that is not text", async () => {
      const own = join(await file("a.txt", "fine"), "..");
      await writeFile(join(own, "b.png"), Buffer.from([0x89, 0x50, 0x4e, 0xff]));
      expect(await failure(loadDataset(own, { info: null }))).toMatch(/Could not read .*b\.png as UTF-8 text/);
    });
  });

  it("says what to install for Parquet", async () => {
    const path = await file("x.parquet", "PAR1");
    await expect(loadDataset(path)).rejects.toThrow(/npm install hyparquet/);
  });

  it("takes rows of which nothing is known when that is said, and says how to say it", async () => {
    const path = await file("x.jsonl", '{"input":1}\n{"input":2,"info":7}\n');
    expect(await failure(loadDataset(path))).toMatch(
      /x\.jsonl:1 to have `info` or `expected`.*`info: null` where nothing is known/,
    );
    expect(await loadDataset(path, { info: null })).toEqual([
      { input: 1, info: null },
      { input: 2, info: null },
    ]);
  });

  it("refuses a file that is not there, and a folder", async () => {
    expect(await failure(loadDataset(join(folder, "none.jsonl")))).toMatch(/Could not read \/none\.jsonl as UTF-8 text: ENOENT/);
    await mkdir(join(folder, "folder.csv"));
    expect(await failure(loadDataset(join(folder, "folder.csv")))).toMatch(/Could not read \/folder\.csv .*EISDIR/);
  });

  it("says on which row a function failed, and keeps why", async () => {
    const path = await file("x.jsonl", '{"input":1,"info":1}\n{"input":2,"info":2}');
    const reason = new TypeError("no");
    const input = (row: { readonly input?: unknown }) => {
      if (row.input === 2) throw reason;
      return row.input;
    };
    const error = await loadDataset(path, { input }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ cause: reason });
    expect((error as Error).message).toMatch(
      /passed as `input` failed on .*x\.jsonl:2, \{"input":2,"info":2\} \(Object\): TypeError: no/,
    );
  });

  describe("when aborted", () => {
    it.each(["jsonl", "csv", "json"])("rejects with the very reason, before and while reading %s", async (ending) => {
      const row = { csv: "a,1\n", jsonl: '{"input":"a","info":1}\n', json: '{"input":"a","info":1},\n' }[ending]!;
      const [before, after] = { csv: ["input,info\n", ""], jsonl: ["", ""], json: ["[", '{"input":"a","info":1}]'] }[ending]!;
      const path = await file(`x.${ending}`, before + row.repeat(50_000) + after);
      for (const reason of [new Error("stop"), "a text"]) {
        await expect(loadDataset(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        const controller = new AbortController();
        setImmediate(() => controller.abort(reason));
        await expect(loadDataset(path, { signal: controller.signal })).rejects.toBe(reason);
      }
    });
  });
});
