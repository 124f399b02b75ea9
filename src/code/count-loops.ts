/**
 * Rewrites WebAssembly so that all of its loops count, those of built-ins too: work that asks nobody can then be ended.
 *
 * @module
 */

/** What the rewritten code has to do with its surroundings. */
export interface LoopCounting {
  /** Under this name the code exports the counter, an `i32` that goes down by one with every turn of a loop. */
  readonly counter: string;
  /** Called when the counter comes to 0: the number of an imported function without parameters that gives an `i32`. */
  readonly onZero: number;
}

/**
 * The same module with a counter. Only sections of globals, exports and code change, so no number in it moves.
 *
 * Follows the binary format of WebAssembly 2.0 (W3C, chapter 5) without vectors.
 *
 * @throws Error at an instruction that it does not know
 */
export function countLoops(module: Uint8Array, { counter, onZero }: LoopCounting): Uint8Array {
  const reader = new Reader(module);
  const parts: Uint8Array[] = [module.subarray(0, headerBytes)];
  reader.at = headerBytes;
  let counterIndex: readonly number[] = [];
  while (reader.at < module.length) {
    const start = reader.at;
    const id = module[reader.at++];
    const end = reader.number() + reader.at;
    if (id === section.globals) {
      const count = reader.number();
      counterIndex = leb(count);
      parts.push(...sized([id], [bytes(leb(count + 1)), module.subarray(reader.at, end), bytes(mutableZero)]));
    } else if (id === section.exports) {
      const count = reader.number();
      const name = encoder.encode(counter);
      const entry = [bytes(leb(name.length)), name, bytes([globalKind, ...counterIndex])];
      parts.push(...sized([id], [bytes(leb(count + 1)), module.subarray(reader.at, end), ...entry]));
    } else if (id === section.code) {
      const count = reader.number();
      const countDown = bytes([
        ...[op.globalGet, ...counterIndex, op.i32Const, 1, op.i32Sub, op.globalSet, ...counterIndex],
        ...[op.globalGet, ...counterIndex, op.i32Eqz, op.if, noResult, op.call, ...leb(onZero), op.drop, op.end],
      ]);
      const functions = Array.from({ length: count }, () => {
        const size = reader.number();
        return sized([], withInsertions(reader, reader.at + size, countDown));
      });
      parts.push(...sized([id], [bytes(leb(count)), ...functions.flat()]));
    } else {
      parts.push(module.subarray(start, end));
    }
    reader.at = end;
  }
  return Buffer.concat(parts);
}

/** The body of one function, with `inserted` at the head of each of its loops. */
function withInsertions(reader: Reader, end: number, inserted: Uint8Array): Uint8Array[] {
  const { code } = reader;
  const parts: Uint8Array[] = [];
  let from = reader.at;
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.skip(1);
    reader.at++;
  }
  while (reader.at < end) {
    const isLoop = code[reader.at] === op.loop;
    reader.skipInstruction();
    if (!isLoop) continue;
    parts.push(code.subarray(from, reader.at), inserted);
    from = reader.at;
  }
  if (reader.at !== end) throw new Error("A function of the WebAssembly module does not end where it should");
  return [...parts, code.subarray(from, end)];
}

class Reader {
  readonly code: Uint8Array;
  at = 0;

  constructor(code: Uint8Array) {
    this.code = code;
  }

  byte(): number {
    return this.code[this.at++] ?? 0;
  }

  /** An unsigned number in LEB128. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** So many numbers in LEB128, of any size. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) while (this.byte() >= 0x80);
  }

  skipInstruction(): void {
    const code = this.byte();
    if (code === op.brTable) this.skip(this.number() + 1);
    else if (code === op.selectTyped) this.skip(this.number());
    else if (code === op.f32Const) this.at += 4;
    else if (code === op.f64Const) this.at += 8;
    else if (code === op.wide) {
      const wide = this.number();
      // Conversions that saturate have no operand; of those on memories and tables, some have two.
      if (wide > 17) throw new Error(`Unknown instruction 0xfc ${wide} in the WebAssembly module`);
      if (wide >= 8) this.skip([8, 10, 12, 14].includes(wide) ? 2 : 1);
    } else {
      const operands = operandsOf(code);
      if (operands === undefined) throw new Error(`Unknown instruction 0x${code.toString(16)} in the WebAssembly module`);
      this.skip(operands);
    }
  }
}

/** How many numbers in LEB128 follow an instruction. */
function operandsOf(code: number): number | undefined {
  // Loads and stores: alignment and offset. Calls through a table: type and table.
  if ((code >= 0x28 && code <= 0x3e) || code === 0x11) return 2;
  // Blocks: type. Branches, calls, variables, tables, sizes of memory, constants, references: one number.
  if ([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(code)) return 1;
  if (code >= 0x20 && code <= 0x26) return 1;
  // Arithmetic; `unreachable`, `nop`, `else`, `end`, `return`, `drop`, `select`, `ref.is_null`.
  if (code >= 0x45 && code <= 0xc4) return 0;
  return [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(code) ? 0 : undefined;
}

/** A section or a function: its size before what it is made of. */
function sized(head: readonly number[], parts: readonly Uint8Array[]): Uint8Array[] {
  const size = parts.reduce((total, { length }) => total + length, 0);
  return [bytes([...head, ...leb(size)]), ...parts];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...leb(Math.floor(value / 0x80))];
}

function bytes(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

const headerBytes = 8;
const section = { globals: 6, exports: 7, code: 10 };
const globalKind = 3;
const noResult = 0x40;
const op = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  brTable: 0x0e,
  call: 0x10,
  drop: 0x1a,
  selectTyped: 0x1c,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Sub: 0x6b,
  wide: 0xfc,
};
/** A variable of type `i32` that begins as 0. */
const mutableZero = [0x7f, 1, op.i32Const, 0, op.end];
const encoder = new TextEncoder();
