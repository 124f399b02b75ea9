/**
 * The guest's side of `crossing.ts`: values to text and back, part of `guest-runtime.ts`.
 *
 * @module
 */

/** JavaScript for QuickJS: the functions `encode` and `decode`. */
export const guestCrossing: string = `let special = false;

function problemOf(value, above) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (value === undefined) { special = true; return undefined; }
  if (typeof value === "number") {
    if (value !== value || value === Infinity || value === -Infinity || is(value, -0)) special = true;
    return undefined;
  }
  if (typeof value !== "object") return { at: "", what: "is a " + typeof value };
  const depth = above.length;
  for (let index = 0; index < depth; index++) if (above[index] === value) return { at: "", what: "contains itself" };
  if (depth >= 500) return { at: "", what: "is nested more than 500 deep" };
  above[depth] = value;
  let problem;
  if (isArray(value)) {
    const { length } = value;
    if (length > 10000000) return { at: "", what: "has more than ten million elements" };
    for (let index = 0; index < length; index++) {
      // A getter here would only harm the guest itself, and a look at each property costs ten times as much.
      const element = value[index];
      if (typeof element === "string") continue;
      problem = problemOf(element, above);
      if (problem !== undefined) return { at: "[" + index + "]" + problem.at, what: problem.what };
    }
  } else {
    const prototype = getPrototypeOf(value);
    if (prototype !== plain && prototype !== null) return { at: "", what: "is " + nameOf(prototype) };
    const names = keys(value);
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      if (name === "$") special = true;
      const property = getOwnPropertyDescriptor(value, name);
      problem = "value" in property ? problemOf(property.value, above) : { at: "", what: "is a getter" };
      if (problem !== undefined) return { at: "." + name + problem.at, what: problem.what };
    }
  }
  above.length = depth;
  return undefined;
}

function nameOf(prototype) {
  const owner = getOwnPropertyDescriptor(prototype, "constructor");
  const name = owner && owner.value && getOwnPropertyDescriptor(owner.value, "name");
  return name && typeof name.value === "string" ? "an instance of " + name.value : "an instance of a class";
}

function encode(value, what) {
  special = false;
  const problem = problemOf(value, []);
  if (problem !== undefined) {
    throw new NativeTypeError(
      what + problem.at + " " + problem.what + "; expected plain data: null, booleans, numbers, texts, arrays, plain objects",
    );
  }
  return stringify(special ? tagged(value) : value);
}

function tagged(value) {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number") {
    if (value !== value) return { $: "NaN" };
    if (value === Infinity) return { $: "Infinity" };
    if (value === -Infinity) return { $: "-Infinity" };
    return is(value, -0) ? { $: "-0" } : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    const list = [];
    for (let index = 0; index < value.length; index++) list[index] = tagged(value[index]);
    return list;
  }
  const copy = create(null);
  const names = keys(value);
  for (let index = 0; index < names.length; index++) copy[names[index]] = tagged(value[names[index]]);
  return "$" in copy ? { $: copy } : copy;
}

function decode(text) {
  const value = parse(text);
  return apply(indexOf, text, ['"$"']) < 0 ? value : untagged(value);
}

function untagged(value) {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = untagged(value[index]);
    return value;
  }
  const tag = getOwnPropertyDescriptor(value, "$");
  if (tag !== undefined && typeof tag.value === "string") {
    switch (tag.value) {
      case "NaN": return NaN;
      case "Infinity": return Infinity;
      case "-Infinity": return -Infinity;
      case "-0": return -0;
      default: return undefined;
    }
  }
  const inner = tag === undefined ? value : tag.value;
  const names = keys(inner);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    defineProperty(inner, name, { value: untagged(inner[name]), writable: true, enumerable: true, configurable: true });
  }
  return inner;
}
`;
