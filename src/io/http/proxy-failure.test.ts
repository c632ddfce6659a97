import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { networkReason } from "./network-failure.ts";
import { blamingProxy, noTunnelCodes, ownRefusal, tunnelFailed, tunnelRefused, tunnelSilent } from "./proxy-failure.ts";

const proxy = new URL("http://user:pa55word@proxy.example.org:3128");
const failure = (code: string): Error => Object.assign(new Error("connect to user:pa55word"), { code });
const answer = (statusCode: number, headers: Readonly<Record<string, string>> = {}): IncomingMessage =>
  ({ statusCode, statusMessage: "who is user:pa55word", headers }) as unknown as IncomingMessage;

test.each([
  ["ENOTFOUND", "cannot resolve the host name"],
  ["ECONNREFUSED", "connection refused"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["EPROTO", "it does not use TLS"],
])("%s on the way to a proxy is the proxy's, and would be the same again", (code, words) => {
  const lost = failure(code);
  for (const blamed of [blamingProxy(lost, proxy), tunnelFailed(proxy, lost)]) {
    expect(blamed.cause).toBe(lost);
    const reason = `the proxy proxy.example.org:3128 cannot be reached: ${words}`;
    expect(networkReason(blamed)).toEqual({ reason, final: true });
  }
});

test.each([
  ["EAI_AGAIN", "the name server does not respond"],
  ["ETIMEDOUT", "the host does not respond"],
])("%s on the way to a proxy may pass", (code, words) => {
  const reason = `the proxy proxy.example.org:3128 cannot be reached: ${words}`;
  expect(networkReason(blamingProxy(failure(code), proxy))).toEqual({ reason, final: false });
  expect(networkReason(tunnelFailed(proxy, failure(code)))).toEqual({ reason, final: false });
});

test("one of several addresses that refuse is enough to know the proxy by", () => {
  const all = new AggregateError([failure("ECONNREFUSED"), failure("ECONNREFUSED")]);
  expect(blamingProxy(all, proxy).message).toMatch(/^the proxy proxy.example.org:3128 cannot be reached/);
});

test("what does not mention a connection stays as it is", () => {
  const error = failure("ABORT_ERR");
  expect(blamingProxy(error, proxy)).toBe(error);
});

test.each([
  ["ECONNRESET", "the proxy proxy.example.org:3128, or a server behind it, closed the connection", false],
  ["EPIPE", "the proxy proxy.example.org:3128, or a server behind it, closed the connection", false],
  ["HPE_INVALID_CONSTANT", "the proxy proxy.example.org:3128 sent a response that is not HTTP", true],
])("%s of a request that was sent to a proxy names it", (code, reason, final) => {
  expect(networkReason(blamingProxy(failure(code), proxy))).toEqual({ reason, final });
});

test("words of a library on the way to a proxy go without its password, fixed ones stay as they are", () => {
  const its = (words: string) => Object.assign(new Error(words), { code: "ERR_SSL_SOMETHING" });
  const told = (address: string, error: Error) => blamingProxy(error, new URL(address)).message;
  expect(told("http://user:s3cret-word@proxy.test", its("it said s3cret-word"))).not.toContain("s3cret-word");
  expect(told("http://user:expired@proxy.test", failure("CERT_HAS_EXPIRED"))).toBe(
    "the proxy proxy.test cannot be reached: its certificate has expired",
  );
});

test("what to do about a proxy that wants a user names the variable, and whether one stands there", () => {
  const bare = new URL("http://proxy.example.org:3128");
  expect(tunnelRefused(bare, answer(407)).hint).toBe(
    "Set the user name and password in the variable HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT.",
  );
  expect(ownRefusal(bare, answer(407))?.hint).toContain("in the variable HTTP_PROXY:");
  expect(tunnelRefused(proxy, answer(407)).hint).toBe(
    "Check the user name and password in the variable HTTPS_PROXY: the proxy rejected them.",
  );
  expect(tunnelRefused(bare, answer(403)).hint).toBeUndefined();
});

test("a tunnel that breaks off may come about the next time, or not be needed", () => {
  const broken = tunnelFailed(proxy, failure("ECONNRESET"));
  expect(networkReason(broken)).toEqual({
    reason: "the proxy proxy.example.org:3128 does not forward the request: the connection was lost",
    final: false,
  });
  expect(noTunnelCodes).toContain(broken.code);
});

test.each([
  ["what is not HTTP", tunnelFailed(proxy, failure("HPE_INVALID_CONSTANT")), "its response is not HTTP"],
  ["nothing", tunnelSilent(proxy, 20), "it did not respond"],
])("a proxy that answers %s is not asked again", (_, error, words) => {
  const reason = `the proxy proxy.example.org:3128 does not forward the request: ${words}`;
  expect(networkReason(error)).toEqual({ reason, final: true });
  expect(noTunnelCodes).not.toContain(error.code);
});

test.each([400, 403, 405, 501])("a proxy that answers %d may know no tunnels", (status) => {
  expect(noTunnelCodes).toContain(tunnelRefused(proxy, answer(status)).code);
});

test.each([100, 201, 302, 407, 500, 502, 503, 504])("a proxy that answers %d refuses this one", (status) => {
  const { code, message } = tunnelRefused(proxy, answer(status));
  expect(noTunnelCodes).not.toContain(code);
  expect(message).toContain(`${status}`);
  expect(message).not.toContain("pa55word");
});

test("an answer is the proxy's own when its status or a header of its own says so", () => {
  expect(ownRefusal(proxy, answer(407))?.message).toBe(
    "the proxy proxy.example.org:3128 requires a user name and a password (HTTP status 407)",
  );
  expect(ownRefusal(proxy, answer(403, { "x-squid-error": "ERR_ACCESS_DENIED 0" }))?.message).toBe(
    "the proxy proxy.example.org:3128 does not forward the request: HTTP status 403",
  );
  expect(ownRefusal(proxy, answer(403))).toBeUndefined();
  expect(ownRefusal(proxy, answer(200, { "x-squid-error": "none" }))).toBeUndefined();
});
