/**
 * `paths` and `baseUrl` of a tsconfig: the files that a specifier such as `@/lib` may mean.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { createPathsMatcher, getTsconfig, type PathsMatcher, parseTsconfig, type TsConfigResult } from "get-tsconfig";

const cache = new Map<string, never>();
const matchers = new Map<string, readonly PathsMatcher[]>();

/** Absolute paths without their endings, the likeliest first; none when no tsconfig (or jsconfig) above the file says anything of it. */
export function pathsOf(specifier: string, importer: string): string[] {
  const folder = dirname(importer);
  let found = matchers.get(folder);
  if (found === undefined) {
    found = matchersFor(importer);
    matchers.set(folder, found);
  }
  return found.flatMap((match) => match(specifier));
}

/** One for the nearest tsconfig, and one for each that it refers to, as the templates of Vite have them. */
function matchersFor(importer: string): PathsMatcher[] {
  try {
    const nearest = getTsconfig(importer, "tsconfig.json", cache) ?? getTsconfig(importer, "jsconfig.json", cache);
    if (nearest === null) return [];
    return [nearest, ...referred(nearest)].flatMap((tsconfig) => createPathsMatcher(tsconfig) ?? []);
  } catch (error) {
    // Most programs need nothing of it.
    process.emitWarning(
      `A tsconfig above ${importer} cannot be read, so its \`paths\` are not used: ${(error as Error).message}`,
    );
    return [];
  }
}

function referred({ path, config }: TsConfigResult): TsConfigResult[] {
  return (config.references ?? []).map((reference) => {
    const target = join(dirname(path), reference.path);
    const file = target.endsWith(".json") ? target : join(target, "tsconfig.json");
    return { path: file, config: parseTsconfig(file, cache) };
  });
}
