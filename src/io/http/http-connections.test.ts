import { Agent as SecureAgent } from "node:https";
import { expect, test } from "vitest";
import { HttpConnections } from "./http-connections.ts";
import { proxyChoice } from "./proxy-variables.ts";

const proxy = "http://alice:s%25cret@proxy.test:3128";
const https = new URL("https://registry.test/v2/?a=b");
const http = new URL("http://registry.test:5000/v2/?a=b");

function connections(environment: Readonly<Record<string, string>> = {}): HttpConnections {
  return new HttpConnections(proxyChoice(environment), {});
}

test("hosts that the user named and others share no connection, by either protocol", () => {
  const all = connections();
  for (const url of [https, http]) {
    const [named, guarded] = [all.wayTo(url, true), all.wayTo(url, false)];
    expect(named.agent).not.toBe(guarded.agent);
    expect(all.wayTo(url, true).agent).toBe(named.agent);
    expect([named.proxy, named.by, named.headers]).toEqual([undefined, undefined, {}]);
  }
  expect(all.wayTo(https, true).agent).toBeInstanceOf(SecureAgent);
});

test("an https address goes through a tunnel, which no request tells the proxy's password", () => {
  const all = connections({ HTTPS_PROXY: proxy, NO_PROXY: "direct.test" });
  const way = all.wayTo(https, true);
  expect(way).toMatchObject({ by: "tunnel", proxy: new URL(proxy), options: {}, headers: {} });
  const direct = all.wayTo(new URL("https://direct.test/"), true);
  expect(direct.proxy).toBeUndefined();
  expect(direct.agent).not.toBe(way.agent);
  expect(all.wayTo(https, false).agent).not.toBe(way.agent);
});

test("an http address is told to the proxy whole, with what the proxy alone is shown", () => {
  const way = connections({ HTTP_PROXY: proxy }).wayTo(http, true);
  expect(way).toMatchObject({
    by: "plain",
    options: { hostname: "proxy.test", port: 3128, path: "http://registry.test:5000/v2/?a=b" },
    headers: { host: "registry.test:5000", "proxy-authorization": `Basic ${btoa("alice:s%cret")}` },
  });
  expect(way.trustsSystem).toBeUndefined();
});

test("a proxy over TLS is looked for by its own name in its certificate", () => {
  const way = connections({ HTTP_PROXY: "https://proxy.test" }).wayTo(http, true);
  expect(way.agent).toBeInstanceOf(SecureAgent);
  expect(way).toMatchObject({ options: { servername: "proxy.test", port: 443 }, trustsSystem: false });
});

test("the authorities of the system count once one is not known, for all that is asked from then on", () => {
  const all = connections({ HTTPS_PROXY: proxy });
  const unknown = Object.assign(new Error(""), { code: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" });
  const before = all.wayTo(https, true);
  expect(all.trustsMore(before, Object.assign(new Error(""), { code: "CERT_HAS_EXPIRED" }))).toBe(false);
  expect(all.trustsMore(all.wayTo(http, true), unknown)).toBe(false);
  expect(all.trustsMore(before, unknown)).toBe(true);
  const after = all.wayTo(https, true);
  expect([before.trustsSystem, after.trustsSystem]).toEqual([false, true]);
  expect(after.agent).not.toBe(before.agent);
  // A request that was under way meanwhile is tried again too; one that knew them all is not.
  expect(all.trustsMore(before, unknown)).toBe(true);
  expect(all.trustsMore(after, unknown)).toBe(false);
  expect(all.wayTo(https, true).agent).toBe(after.agent);
});

test("a variable that names no proxy is an error of what would be asked through it alone", () => {
  const all = connections({ HTTPS_PROXY: "socks5://127.0.0.1" });
  expect(() => all.wayTo(https, true)).toThrow("the variable HTTPS_PROXY is not the address of an HTTP proxy");
  expect(all.wayTo(http, true).proxy).toBeUndefined();
});
