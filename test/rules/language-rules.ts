/**
 * The words that people and models should not have to read: old idioms, each with what to say instead.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { lineOf, type SourceFile, walk } from "./source-file.ts";

/** A page of documentation. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

interface Idiom {
  readonly pattern: RegExp;
  readonly say: string;
}

const idioms: readonly Idiom[] = [
  idiom("at once", "concurrently, or immediately"),
  idiom("(?:go|goes|going|gone|went) on(?! (?:the|a|an)\\b)", "continues, or resumes"),
  idiom("told(?! (?:that|to|apart)\\b)", "is reported, is shown, or receives"),
  idiom("tells? of", "reports, or shows"),
  idiom("nobody", "no one, or a sentence about the thing: no listeners"),
  idiom("somebody", "someone"),
  idiom("whoever", "the process, program, or proposal that"),
  idiom("whom", "which"),
  idiom("(?:every|after|of|by) so many", "every N, or of that many"),
  idiom("so many (?:times|iterations|evaluations|characters|tokens|bytes|requests)", "N times, or that many"),
  idiom("(?:that|which|what) (?:is|are) none", "that is not one, or invalid"),
  idiom("(?:that|which|what) (?:is|are) no (?!longer|more)[a-z]+", "that is not a …"),
  idiom("belongs? into", "belongs in"),
  idiom("anew", "again, or from scratch"),
  idiom("once more", "again, or one more time"),
  idiom(
    "(?:stand|stands|stood) (?:in|under|before|behind|between|beside|there|idle|for)",
    "is in, is under, precedes, follows, or represents",
  ),
  idiom("in words", "as text"),
  idiom("in an orderly way", "gracefully"),
  idiom("mend(?:s|ed|ing)?", "fix"),
  idiom("spares?(?: the)?", "avoids, or saves"),
  idiom("by chance", "at random, or non-deterministic"),
  idiom("by turns", "alternating"),
  idiom("reckon(?:s|ed|ing)?", "estimate"),
  idiom("makeshift", "fallback"),
  idiom("dearest", "most expensive"),
  idiom("no use", "unusable"),
  idiom("hears?|heard", "receives"),
  idiom("of one's own", "your own, or self-hosted"),
  idiom("(?:class|loop|search|server|client|guide|function) of your own", "your own …"),
  idiom("becomes? of", "happens on, or to"),
  idiom("came of", "the result of"),
  idiom("said (?:of|about)", "feedback on"),
  idiom("(?:takes?|taken|took|brings?|brought) back", "reverts, or restores"),
  idiom("(?:inside|outside) of", "inside, or outside"),
  idiom("less (?:is|being) better", "lower is better"),
  idiom("more (?:is|being) better", "higher is better"),
  idiom("say so with", "set the option"),
  idiom("as `\\w+` says[.]", "the number itself, or `name` iterations"),
  idiom("has come", "was reached"),
  idiom("could not be got", "failed"),
  idiom("of now", "current"),
  idiom("signs", "characters, or punctuation"),
  idiom("blanks", "whitespace"),
  idiom("places (?:are|become|as they become|stand) (?:free|idle)", "slots"),
  idiom("the very (?:same|one|arguments?)", "the same"),
  idiom("calls? of (?:a )?models?", "model calls"),
  idiom("limit of tokens", "token limit"),
  idiom("wins over", "takes precedence over"),
  idiom("speaks against", "the objection to"),
];

/** Idioms in what `src` says: messages, prompts, output, and descriptions of operations. Comments are not looked at. */
export function idiomsInMessages(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const found: string[] = [];
    walk(file.tree, (node) => {
      const text = wordsOf(node);
      if (text !== undefined) found.push(...idiomsIn({ path: file.path, text }, lineOf(node)));
    });
    return found;
  });
}

/** Idioms in documentation, also where a line breaks within one. */
export function idiomsInPages(pages: readonly Page[]): string[] {
  return pages.flatMap((page) => idiomsIn(page, 1));
}

/** What people read before they use opto: the pages of `docs`, and those at the top of the package. */
export function readPages(): Page[] {
  const docs = readdirSync("docs").filter((name) => name.endsWith(".md"));
  const paths = ["README.md", "SKILL.md", "llms.txt", ...docs.sort().map((name) => `docs/${name}`)];
  return paths.map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

function idiomsIn({ path, text }: Page, firstLine: number): string[] {
  return idioms.flatMap(({ pattern, say }) =>
    Array.from(text.matchAll(pattern), (match) => {
      const line = firstLine + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
      return `${path}:${line} says "${match[0].replace(/\s+/g, " ")}": say ${say}`;
    }),
  );
}

/** A piece of a text as it is written, without what is put into it; `undefined` for names, keys, and paths, which have no spaces. */
function wordsOf(node: ts.Node): string | undefined {
  if (ts.isJsxText(node)) return node.text;
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateLiteralToken(node)) return undefined;
  const isModule = ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
  return isModule || !node.text.includes(" ") ? undefined : node.text;
}

function idiom(words: string, say: string): Idiom {
  return { pattern: new RegExp(`(?<![\\w-])(?:${words.replaceAll(" ", "\\s+")})(?![\\w-])`, "giu"), say };
}
