import { expect, test } from "vitest";
import { blamingProxy } from "./proxy-failure.ts";

const registry = new URL("https://registry.example.com/v2/");
const failure = (facts: object): Error => Object.assign(new Error("connect"), facts);

test("a name that is not known is the proxy's when that was looked up", () => {
  const proxies = { HTTPS_PROXY: "http://user:pa55word@proxy.example.org:3128" };
  const lost = failure({ code: "ENOTFOUND", hostname: "proxy.example.org" });
  const { message, cause } = blamingProxy(lost, registry, proxies);
  expect(message).toBe("the proxy proxy.example.org:3128 cannot be reached: no host has that name");
  expect(cause).toBe(lost);
});

test("one of several addresses that refuse is enough to know the proxy by", () => {
  const refused = failure({ code: "ECONNREFUSED", port: 3128, address: "::1" });
  const all = new AggregateError([refused, refused]);
  const proxies = { https_proxy: "http://localhost:3128", HTTPS_PROXY: "http://other.example.org" };
  expect(blamingProxy(all, registry, proxies).message).toMatch(/^the proxy localhost:3128 cannot be reached/);
});

test.each([
  [
    "of the host itself, which is excepted",
    failure({ code: "ECONNREFUSED", port: 443 }),
    { HTTPS_PROXY: "http://p:80" },
  ],
  ["of another scheme's", failure({ code: "ECONNREFUSED", port: 80 }), { HTTP_PROXY: "http://p:80" }],
  ["that may pass", failure({ code: "ECONNRESET", port: 80 }), { HTTPS_PROXY: "http://p:80" }],
  ["where the variable is no address", failure({ code: "ECONNREFUSED", port: 80 }), { HTTPS_PROXY: "p:80" }],
  ["without a proxy", failure({ code: "ENOTFOUND", hostname: "registry.example.com" }), undefined],
])("a failure %s stays as it is", (_, error, proxies) => {
  expect(blamingProxy(error, registry, proxies)).toBe(error);
});
