#!/usr/bin/env node
/**
 * `npm create opto`: installs opto in a new folder or in the project of this one, and runs `opto init` there.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

const usage = `npm create opto [folder] [-- options of opto init]

Installs opto in the folder (default: this one) and runs \`opto init\` there.
  --opto <version>   another version of opto than ${version}, or a tarball
  -h, --help         this text
Everything else is passed to \`opto init\`: --agent, --data, --scorer, --model, --yes`;

process.exitCode = main(process.argv.slice(2));

function main(args) {
  if (args.includes("-h") || args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const rest = [...args];
  const package_ = takeOption(rest, "--opto") ?? `^${version}`;
  const named = rest[0]?.startsWith("-") ? undefined : rest.shift();
  const folder = resolve(named ?? ".");
  const problem = problemOf(folder, named);
  if (problem !== undefined) {
    console.error(`create-opto: ${problem}`);
    return 2;
  }
  prepare(folder);
  const manager = packageManager();
  const spec = existsSync(package_) ? resolve(package_) : `opto@${package_}`;
  console.log(`Installing opto with ${manager} in ${relative(process.cwd(), folder) || "this folder"}`);
  const installed = run(manager, [manager === "npm" ? "install" : "add", spec], folder);
  if (installed !== 0) {
    console.error(`create-opto: \`${manager}\` could not install ${spec}. The config was not written`);
    return 1;
  }
  const program = programOf(folder);
  if (program === undefined) {
    console.error(
      `create-opto: ${manager} installed ${spec}, but no node_modules of ${folder} or above it has opto. The config was not written`,
    );
    return 1;
  }
  const code = run(process.execPath, [program, "init", ...rest], folder);
  if (code === 0 && named !== undefined) console.log(`\nIt is in ${named}: cd ${named}`);
  return code;
}

/** The program `opto` of a folder: in its own node_modules, or where a workspace has it. */
function programOf(folder) {
  const path = join(folder, "node_modules/opto/dist/cli/main.js");
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : programOf(parent);
}

/** Takes an option and its value out of the list. */
function takeOption(args, name) {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  const [option, value] = args.splice(at, args[at] === name ? 2 : 1);
  return option === name ? value : option.slice(name.length + 1);
}

/** A folder that has files but no package.json is likely to be another one than was meant. */
function problemOf(folder, named) {
  if (!existsSync(folder) || existsSync(join(folder, "package.json"))) return undefined;
  const files = readdirSync(folder).filter((name) => !name.startsWith("."));
  if (files.length === 0 || named === ".") return undefined;
  return `${folder} has files, but no package.json. Name a new folder, or "." for this one`;
}

function prepare(folder) {
  mkdirSync(folder, { recursive: true });
  writeNew(
    join(folder, "package.json"),
    `${JSON.stringify({ name: packageName(folder), private: true, type: "module" }, null, 2)}\n`,
  );
  writeNew(join(folder, ".gitignore"), "node_modules/\n.opto/\n");
}

function writeNew(path, text) {
  if (!existsSync(path)) writeFileSync(path, text, { flag: "wx" });
}

/** What npm takes as a name. */
function packageName(folder) {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-~]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "agent" : name;
}

/** The one that runs this program. */
function packageManager() {
  const [name] = (process.env.npm_config_user_agent ?? "").split("/");
  return ["pnpm", "yarn", "bun"].includes(name) ? name : "npm";
}

function run(command, args, cwd) {
  const isScript = process.platform === "win32" && command !== process.execPath;
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit", shell: isScript });
  if (error !== undefined) console.error(`create-opto: ${error.message}`);
  return status ?? 1;
}
