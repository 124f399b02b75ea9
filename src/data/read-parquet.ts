/**
 * The rows of Parquet files, by the package hyparquet, which is loaded on demand.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { loadPackage } from "./load-package.ts";
import type { PlacedRow, ReadRowsOptions } from "./placed-row.ts";

/** What of hyparquet is used. */
interface Hyparquet {
  asyncBufferFromFile(path: string): Promise<object>;
  parquetMetadataAsync(file: object): Promise<{ readonly row_groups: readonly { readonly num_rows: bigint }[] }>;
  parquetReadObjects(options: object): Promise<readonly Record<string, unknown>[]>;
}

/**
 * Reads a Parquet file, a row group at a time.
 *
 * @throws MissingPackageError naming the command that installs hyparquet
 * @throws InvalidArgumentError for a file that cannot be read
 */
export async function* readParquet(path: string, { signal }: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const parquet = (await loadPackage("hyparquet", "A Parquet file")) as unknown as Hyparquet;
  const compressors = await optionalCompressors();
  try {
    const file = await parquet.asyncBufferFromFile(path);
    const metadata = await parquet.parquetMetadataAsync(file);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      signal?.throwIfAborted();
      const rowEnd = rowStart + Number(num_rows);
      const rows = await parquet.parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors });
      for (const [index, row] of rows.entries()) yield { place: `${path}[${rowStart + index}]`, row: plainRow(row) };
      rowStart = rowEnd;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new InvalidArgumentError(`Could not read ${path} as Parquet: ${hintOf(cause)}`, { cause });
  }
}

/** hyparquet itself knows no compression but snappy. */
async function optionalCompressors(): Promise<unknown> {
  try {
    return (await loadPackage("hyparquet-compressors", "A compressed Parquet file")).compressors;
  } catch {
    return undefined;
  }
}

function hintOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : describeValue(cause);
  return /compression/i.test(message) ? `${message}. Run: npm install hyparquet-compressors` : message;
}

function plainRow(row: Record<string, unknown>): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}

/** As JSON has it: whole numbers beyond what a number can hold as text, moments as ISO text, bytes as text. */
function plainValue(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plainValue);
  if (isPlainObject(value)) return plainRow(value);
  return value as JsonValue;
}
