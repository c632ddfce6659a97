import { expect, test } from "vitest";
import { type ProxyEnvironment, proxyChoice } from "./proxy-variables.ts";

const proxy = "http://proxy.example.org:3128";

function proxyOf(address: string, environment: ProxyEnvironment): string | undefined {
  return proxyChoice(environment)(new URL(address))?.origin;
}

test.each([
  ["https://registry.example.org", "HTTPS_PROXY", "HTTP_PROXY"],
  ["https://registry.example.org:5000", "HTTPS_PROXY", "HTTP_PROXY"],
  ["http://registry.example.org", "HTTP_PROXY", "HTTPS_PROXY"],
  ["http://registry.example.org:443", "HTTP_PROXY", "HTTPS_PROXY"],
])("the proxy for %s is that of %s, in either case, and no other variable's", (address, name, other) => {
  for (const own of [name, name.toLowerCase()]) expect(proxyOf(address, { [own]: proxy })).toBe(proxy);
  expect(proxyOf(address, { [other]: proxy, ALL_PROXY: proxy, all_proxy: proxy })).toBeUndefined();
  expect(proxyOf(address, { [name]: "", [name.toLowerCase()]: undefined })).toBeUndefined();
});

test("a variable in capitals counts before the same in small letters, unless it is empty", () => {
  const both = { HTTPS_PROXY: proxy, https_proxy: "http://other.example.org" };
  expect(proxyOf("https://registry.example.org", both)).toBe(proxy);
  expect(proxyOf("https://registry.example.org", { ...both, HTTPS_PROXY: "" })).toBe("http://other.example.org");
  const excepted = { HTTPS_PROXY: proxy, NO_PROXY: "other.test", no_proxy: "registry.example.org" };
  expect(proxyOf("https://registry.example.org", excepted)).toBe(proxy);
  expect(proxyOf("https://registry.example.org", { ...excepted, NO_PROXY: "" })).toBeUndefined();
});

test.each([
  ["proxy.example.org:3128", proxy],
  ["proxy", "http://proxy"],
  [" http://user:word@proxy.example.org:3128/ ", proxy],
  ["https://proxy.example.org", "https://proxy.example.org"],
  ["192.0.2.1:3128", "http://192.0.2.1:3128"],
  ["http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128"],
])("%s is the proxy %s", (value, shown) => {
  expect(proxyOf("http://registry.example.org", { HTTP_PROXY: value })).toBe(shown);
});

test("what NO_PROXY excepts and this machine are asked directly", () => {
  const environment = { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8, corp.test, other.test:5000" };
  const direct = ["10.96.0.1", "reg.corp.test", "other.test:5000", "localhost:5000", "127.8.8.8", "[::1]:5000"];
  for (const host of direct) expect([host, proxyOf(`https://${host}`, environment)]).toEqual([host, undefined]);
  for (const host of ["11.0.0.1", "corp.test.example.org", "other.test"])
    expect([host, proxyOf(`https://${host}`, environment)]).toEqual([host, proxy]);
});

test.each(["socks5://127.0.0.1:1080", "http://user:pa55word@[bad", "http://", "a b"])(
  "%s is refused where it would be asked, without a word of it",
  (value) => {
    const refusal = { code: "usage", message: "the variable http_proxy is not the address of an HTTP proxy" };
    const environment = { http_proxy: value, NO_PROXY: "registry.example.org" };
    expect(() => proxyOf("http://other.example.org", environment)).toThrowError(expect.objectContaining(refusal));
    expect(proxyOf("http://registry.example.org", environment)).toBeUndefined();
    expect(proxyOf("https://other.example.org", environment)).toBeUndefined();
  },
);

test("a percent sign in a password that is not an escape is told as such", () => {
  const environment = { HTTPS_PROXY: "http://someone:s3%cret@proxy.example.org:3128" };
  const refusal = { code: "usage", message: "the user or the password in HTTPS_PROXY has an unescaped %" };
  expect(() => proxyOf("https://other.example.org", environment)).toThrowError(expect.objectContaining(refusal));
  expect(proxyOf("http://other.example.org", environment)).toBeUndefined();
});
