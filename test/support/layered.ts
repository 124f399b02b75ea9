/**
 * `layered`: options over others, the nested ones too.
 *
 * @module
 */

const groups = ["stop", "run", "calls", "rollouts"] as const;

/** Options of `train` with others over them: those in a group join it, instead of taking its place. */
export function layered<Below extends object, Above extends object>(
  below: Below,
  above: Above,
): Omit<Below, keyof Above> & Above {
  const all = { ...below, ...above } as Record<string, unknown>;
  for (const name of groups) {
    const [under, over] = [below, above].map((layer) => (layer as Record<string, unknown>)[name]);
    if (under && over) all[name] = { ...under, ...over };
  }
  return all as Omit<Below, keyof Above> & Above;
}
