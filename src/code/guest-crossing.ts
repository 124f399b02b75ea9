/**
 * The guest's side of `crossing.ts`: values to text and back, part of `guest-runtime.ts`.
 *
 * @module
 */

/** JavaScript for QuickJS: the functions `encode` and `decode`. */
export const guestCrossing: string = `let problem;

function refused(what) {
  problem = { __proto__: null, at: "", what };
}

function within(at) {
  problem.at = at + problem.at;
}

function tag(name) {
  return { __proto__: null, $: name };
}

function numberCopy(value) {
  if (value !== value) return tag("NaN");
  if (value === Infinity) return tag("Infinity");
  if (value === -Infinity) return tag("-Infinity");
  return is(value, -0) ? tag("-0") : value;
}

// Every value is read once, and nothing in the copy inherits: no getter and no toJSON has a say in what is written.
function plainCopy(value, above) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return numberCopy(value);
  if (value === undefined) return tag("undefined");
  if (typeof value !== "object") return refused("is a " + typeof value);
  let depth = 0;
  for (let outer = above; outer !== undefined; outer = outer.above) {
    if (outer.value === value) return refused("contains itself");
    depth++;
  }
  if (depth >= 500) return refused("is nested more than 500 deep");
  const place = { __proto__: null, value, above };
  if (isArray(value)) {
    const { length } = value;
    if (length > 10000000) return refused("has more than ten million elements");
    const list = [];
    for (let index = 0; index < length; index++) {
      const element = value[index];
      list[index] = typeof element === "string" ? element : plainCopy(element, place);
      if (problem !== undefined) return within("[" + index + "]");
    }
    return setPrototypeOf(list, null);
  }
  const prototype = getPrototypeOf(value);
  if (prototype !== plain && prototype !== null) return refused("is " + nameOf(prototype));
  const copy = create(null);
  const names = keys(value);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const property = getOwnPropertyDescriptor(value, name);
    copy[name] = "value" in property ? plainCopy(property.value, place) : refused("is a getter");
    if (problem !== undefined) return within("." + name);
  }
  return "$" in copy ? tag(copy) : copy;
}

function nameOf(prototype) {
  const owner = getOwnPropertyDescriptor(prototype, "constructor");
  const name = owner && owner.value && getOwnPropertyDescriptor(owner.value, "name");
  return name && typeof name.value === "string" ? "an instance of " + name.value : "an instance of a class";
}

function encode(value, what) {
  problem = undefined;
  const copy = plainCopy(value, undefined);
  if (problem === undefined) return stringify(copy);
  throw new NativeTypeError(
    what + problem.at + " " + problem.what + "; expected plain data: null, booleans, numbers, texts, arrays, plain objects",
  );
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
