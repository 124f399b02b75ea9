/**
 * Opens an address in the browser of the user, where there is one.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { environmentVariable } from "../data/environment.ts";

/** The program that opens addresses; `undefined` where there is no screen to show one on. */
function opener(platform: string): readonly [command: string, ...args: string[]] | undefined {
  if (environmentVariable("CI") !== undefined || environmentVariable("SSH_CONNECTION") !== undefined) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  const hasScreen = environmentVariable("DISPLAY") !== undefined || environmentVariable("WAYLAND_DISPLAY") !== undefined;
  return hasScreen ? ["xdg-open"] : undefined;
}

/** Opens an address; nothing comes of it where that fails. */
export function openBrowser(address: string, platform: string = process.platform): void {
  const [command, ...args] = opener(platform) ?? [];
  if (command === undefined) return;
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
