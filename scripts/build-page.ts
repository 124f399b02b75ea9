/**
 * Writes the viewer's page: one HTML file with its styles and its script inside, `dist/viewer/page.html`.
 *
 * The page may load nothing and run nothing but its own script, which its policy names by its hash. It begins with the licences of the packages that are part of
 * it, so that a file that `opto view --export` makes of it has them, too; they are also written beside it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { thirdPartyNotices } from "./third-party-notices.ts";

const folder = "src/viewer/page";

/** The page as one text. */
export async function buildPage(): Promise<string> {
  return (await pageWithNotices()).html;
}

async function pageWithNotices(): Promise<{ readonly html: string; readonly notices: string }> {
  const [{ text: script, files }, { text: styles, files: styleFiles }] = await Promise.all([
    bundle("main.tsx"),
    bundle("styles.css"),
  ]);
  const notices = thirdPartyNotices([...files, ...styleFiles]);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "connect-src 'self'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const html = [
    "<!doctype html>",
    // In a comment these would end it.
    `<!--\n${notices.replaceAll(/--!?>|<!--/g, "")}-->`,
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<link rel="icon" href="data:,">',
    "<title>opto</title>",
    `<style>${styles}</style>`,
    "</head>",
    "<body>",
    '<div id="page"></div>',
    "<!--answers-->",
    `<script type="module">${script}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
  return { html, notices };
}

async function bundle(file: string): Promise<{ readonly text: string; readonly files: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${folder}/${file}`],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: ["chrome111", "firefox113", "safari16.4"],
    charset: "utf8",
    // Shorter than the calls that type checks know: children follow each other, without an array and a name.
    tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
    inject: file.endsWith(".css") ? [] : [`${folder}/jsx.ts`],
    outdir: "dist/viewer",
    // The licences are in one place.
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const { text = "" } = outputFiles[0] ?? {};
  // Inside an element these would end it.
  const safe = text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  return { text: safe, files: Object.keys(metafile.inputs) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const path = resolve("dist/viewer/page.html");
  const { html, notices } = await pageWithNotices();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
  writeFileSync(resolve("dist/THIRD-PARTY-NOTICES.txt"), notices);
  console.log(`${path}: ${(html.length / 1000).toFixed(0)} kB`);
}
