/**
 * What a function uses: functions of the same file and texts, which it has closed over or which are at the top of its module.
 *
 * @module
 */
import type { Session } from "node:inspector";

type AnyFunction = (...args: never[]) => unknown;

/** What the inspector's protocol says of an object, as far as it is read here. */
interface Remote {
  readonly objectId?: string;
  readonly type?: string;
  readonly description?: string;
  readonly value?: unknown;
}

interface RemoteProperty {
  readonly name: string;
  readonly value?: Remote;
}

/** A view of the variables of functions, by the engine's own inspector; nothing else in JavaScript tells them. */
export interface FunctionVariables {
  /**
   * The variables of a function that `names` has: functions, where they are of the same file or `isWanted`, and texts of several
   * words, such as the criteria of a judge. Single words are left out: paths, keys and modes differ from process to process.
   */
  usesOf(fn: AnyFunction, names: ReadonlySet<string>, isWanted: (fn: AnyFunction) => boolean): Map<string, AnyFunction | string>;
}

const none: FunctionVariables = { usesOf: () => new Map() };

/** Does `work` with a view of variables; where there is no inspector (another engine, a permission that is missing) it is empty. */
export function withVariables<R>(work: (variables: FunctionVariables) => R): R {
  let session: Session | undefined;
  try {
    const inspector = process.getBuiltinModule("node:inspector");
    session = inspector === undefined ? undefined : new inspector.Session();
    session?.connect();
  } catch {
    session = undefined;
  }
  if (session === undefined) return work(none);
  const open = session;
  try {
    return work({ usesOf: (...args) => usesOf(open, ...args) });
  } finally {
    open.disconnect();
  }
}

function usesOf(
  session: Session,
  fn: AnyFunction,
  names: ReadonlySet<string>,
  isWanted: (fn: AnyFunction) => boolean,
): Map<string, AnyFunction | string> {
  const found = new Map<string, AnyFunction | string>();
  // The innermost variable of a name is the one that is meant.
  const seen = new Set<string>();
  try {
    const own = internalsOf(session, remoteOf(session, fn));
    for (const scope of propertiesOf(session, own.scopes)) {
      if (scope.value === undefined || /^(?:Global|Script)\b/.test(scope.value.description ?? "")) continue;
      for (const { name, value } of propertiesOf(session, scope.value)) {
        if (!names.has(name) || seen.has(name)) continue;
        seen.add(name);
        if (typeof value?.value === "string" && /\S\s+\S/.test(value.value)) found.set(name, value.value);
        if (value?.type !== "function") continue;
        const used = localOf(session, value);
        if (used === fn) continue;
        if (isWanted(used) || internalsOf(session, value).script === own.script) found.set(name, used);
      }
    }
  } catch {
    // What the engine does not tell is not known.
  }
  return found;
}

/** The file that a function is in, as the engine numbers it, and its scopes. */
function internalsOf(session: Session, fn: Remote): { readonly script: unknown; readonly scopes: Remote | undefined } {
  const internals = (post(session, "Runtime.getProperties", { objectId: fn.objectId, ownProperties: true }).internalProperties ??
    []) as readonly RemoteProperty[];
  const internal = (name: string): Remote | undefined => internals.find((property) => property.name === name)?.value;
  const location = internal("[[FunctionLocation]]")?.value as { readonly scriptId?: unknown } | undefined;
  return { script: location?.scriptId, scopes: internal("[[Scopes]]") };
}

function propertiesOf(session: Session, { objectId }: Remote = {}): readonly RemoteProperty[] {
  if (objectId === undefined) return [];
  return post(session, "Runtime.getProperties", { objectId, ownProperties: true }).result as readonly RemoteProperty[];
}

/** Functions cross between the program and the inspector through this variable, which is there for that moment only. */
const crossing: unique symbol = Symbol.for("opto.crossing") as never;
const globals = globalThis as { [crossing]?: unknown };

function remoteOf(session: Session, fn: AnyFunction): Remote {
  globals[crossing] = fn;
  try {
    return post(session, "Runtime.evaluate", { expression: 'globalThis[Symbol.for("opto.crossing")]' }).result as Remote;
  } finally {
    delete globals[crossing];
  }
}

function localOf(session: Session, { objectId }: Remote): AnyFunction {
  const functionDeclaration = 'function () { globalThis[Symbol.for("opto.crossing")] = this; }';
  try {
    post(session, "Runtime.callFunctionOn", { objectId, functionDeclaration });
    return globals[crossing] as AnyFunction;
  } finally {
    delete globals[crossing];
  }
}

/** A session of the own thread answers at once. */
function post(session: Session, method: string, parameters: object): Readonly<Record<string, unknown>> {
  let answer: Readonly<Record<string, unknown>> | undefined;
  session.post(method, parameters, (error, result) => {
    if (error === null) answer = result as Readonly<Record<string, unknown>>;
  });
  if (answer === undefined) throw new Error(`The inspector did not answer ${method}`);
  return answer;
}
