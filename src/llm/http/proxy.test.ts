import { describe, expect, it, vi } from "vitest";
import { proxyFor } from "./proxy.ts";

const through = "http://p:1/";

function proxyOf(url: string, environment: Record<string, string>): string | undefined {
  return proxyFor(new URL(url), (name) => environment[name])?.href;
}

describe("NO_PROXY", () => {
  it.each<[url: string, list: string, isCovered: boolean]>([
    ["http://192.168.1.5:8000", "192.168.0.0/16", true],
    ["http://192.169.1.5:8000", "192.168.0.0/16", false],
    ["http://192.168.1.5:8000", "192.168.0.0/16:8000", true],
    ["http://192.168.1.5:8000", "192.168.0.0/16:8001", false],
    ["http://10.1.2.3:8000", "10.*", true],
    ["http://110.1.2.3:8000", "10.*", false],
    ["http://10.1.2.3", "10.1.2.3", true],
    ["http://10.1.2.3", "2.3", false],
    ["http://10.1.2.3", "10.1.2.3/99", true],
    ["http://[fd00::1]:8000", "fd00::1", true],
    ["http://[fd00:0::1]:8000", "[fd00::0:1]", true],
    ["http://[fd00::1]:8000", "[fd00::1]:8000", true],
    ["http://[fd00::1]:8000", "[fd00::1]:8001", false],
    ["http://[fd00::1]:8000", "fd00::/8", true],
    ["http://[fd00::1]:8000", "[fd00::]/8", true],
    ["http://[fe00::1]:8000", "fd00::/8", false],
    ["http://[::ffff:10.0.0.1]", "10.0.0.0/8", true],
    ["http://host.corp", "corp", true],
    ["http://host.corp", ".corp", true],
    ["http://host.corp.", ".corp", true],
    ["http://host.corp", "host.corp.", true],
    ["http://HOST.corp", "Host.CORP", true],
    ["http://xcorp", "corp", false],
    ["http://gpu7.corp", "gpu*.corp", true],
    ["http://a.test", "b.test a.test", true],
    ["http://a.test", ",,", false],
    ["http://a.test", "a(.test", false],
    ["http://a.test", "*", true],
  ])("%s with %s: %s", (url, list, isCovered) => {
    expect(proxyOf(url, { HTTP_PROXY: "p:1", NO_PROXY: list })).toBe(isCovered ? undefined : through);
  });

  it.each([
    "http://localhost",
    "http://a.localhost.",
    "http://127.1",
    "http://0.0.0.0:80",
    "http://[::]",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
  ])("does not have to list the machine itself: %s", (url) => {
    expect(proxyOf(url, { http_proxy: "p:1" })).toBeUndefined();
  });
});

it("warns once of a proxy that is none for HTTP, without its password, and goes without it", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  for (const given of ["socks5://user:secret@p:1", "SOCKS5H://p:1", "socks5://p:1", "http://p:secret:1"]) {
    expect(proxyOf("https://model.test", { HTTPS_PROXY: given })).toBeUndefined();
  }
  const start = "Expected HTTPS_PROXY to be the address of an HTTP proxy (http://host:port), got";
  expect(warn.mock.calls).toEqual([
    [`${start} a proxy for socks5://: requests go out directly`, "OptoWarning"],
    [`${start} a proxy for SOCKS5H://: requests go out directly`, "OptoWarning"],
    [`${start} an address that cannot be read: requests go out directly`, "OptoWarning"],
  ]);
  warn.mockRestore();
});
