/**
 * The page of the viewer: one HTML file that `scripts/build-page.ts` writes beside the compiled sources.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { exportedDataId } from "./api.ts";

/** The page, and what it may load and run. */
export interface ViewerPage {
  readonly html: string;
  /** The Content-Security-Policy, which the page also carries itself. */
  readonly policy: string;
}

/** The built page is in `dist/viewer`: as seen from there and from the sources, and from the separate modules that bundlers take. */
const files = ["../../dist/viewer/page.html", "../../viewer/page.html"].map((path) => new URL(path, import.meta.url));

/** @throws {Error} when the page was not built. */
export async function readPage(): Promise<ViewerPage> {
  const html = await Promise.any(files.map((file) => readFile(file, "utf8"))).catch((error: unknown) => {
    throw new Error("The viewer's page is missing from this installation of opto. In its sources, build it by `npm run build`.", {
      cause: error,
    });
  });
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  return { html, policy };
}

/**
 * The page as a file of its own, with the answers it would ask a server for. They are compressed, and so written in letters that can end no
 * element.
 *
 * @param answers by the path of the request
 */
export function pageWithAnswers({ html }: ViewerPage, answers: Readonly<Record<string, unknown>>): string {
  const data = gzipSync(JSON.stringify(answers)).toString("base64");
  const [before, after] = html.split("<!--answers-->");
  return `${before}<script type="application/gzip" id="${exportedDataId}">${data}</script>${after}`;
}

/** The answers in such a file; `undefined` in any other. */
export function answersIn(html: string): Record<string, unknown> | undefined {
  const [, data] = /<script type="application\/gzip" id="[^"]*">([^<]*)<\/script>/.exec(html) ?? [];
  return data === undefined
    ? undefined
    : (JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString("utf8")) as Record<string, unknown>);
}
