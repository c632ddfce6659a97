import { expect, test } from "vitest";
import { proxyOfEnvironment } from "./proxy-of-environment.ts";

const proxy = "http://proxy.example.org:3128";

function proxyOf(server: string, environment: Readonly<Record<string, string>>): string | undefined {
  return proxyOfEnvironment(new URL(server), environment);
}

test("the proxy for https is that of HTTPS_PROXY, in either case, and no other variable's", () => {
  const server = "https://k8s.example.org:6443";
  for (const name of ["HTTPS_PROXY", "https_proxy"]) expect(proxyOf(server, { [name]: proxy })).toBe(proxy);
  expect(proxyOf(server, { HTTPS_PROXY: "proxy.example.org:3128" })).toBe(proxy);
  expect(proxyOf(server, { HTTP_PROXY: proxy, ALL_PROXY: proxy })).toBeUndefined();
  expect(proxyOf(server, { HTTPS_PROXY: "" })).toBeUndefined();
  expect(proxyOf("http://k8s.example.org:8001", { HTTPS_PROXY: proxy })).toBeUndefined();
});

test.each(["https://127.0.0.1:6443", "https://127.8.8.8:6443", "https://localhost:6443", "https://[::1]:6443"])(
  "%s is this machine, which no proxy leads to",
  (server) => {
    expect(proxyOf(server, { HTTPS_PROXY: proxy })).toBeUndefined();
  },
);

test.each([
  ["https://10.96.0.1", "10.0.0.0/8"],
  ["https://10.96.0.1", "192.168.0.0/16, 10.96.0.1"],
  ["https://10.96.0.1:6443", "10.96.0.1:6443"],
  ["https://[fd00::1]:6443", "fd00::/8"],
  ["https://[fd00::1]:6443", "[fd00::1]:6443"],
  ["https://k8s.example.org", "example.org"],
  ["https://K8s.example.org:443", "k8s.EXAMPLE.org:443"],
  ["https://k8s.example.org", ".example.org"],
  ["https://k8s.example.org", "*.example.org"],
  ["https://k8s.example.org", "*"],
])("%s is excepted by NO_PROXY=%s", (server, excepted) => {
  expect(proxyOf(server, { HTTPS_PROXY: proxy, NO_PROXY: excepted })).toBeUndefined();
  expect(proxyOf(server, { HTTPS_PROXY: proxy, no_proxy: excepted })).toBeUndefined();
});

test.each([
  ["https://10.96.0.1", "192.168.0.0/16,10.96.0.10,0.0.0.0/999,/8,fd00::/8"],
  ["https://10.96.0.1:6443", "10.96.0.1:443"],
  ["https://[fd00::1]", "10.0.0.0/8,fe80::/10"],
  ["https://example.org", ".example.org,*.example.org,sample.org,ample.org"],
  ["https://k8s.example.org", "10.0.0.0/8,,:443,org.example"],
  ["https://k8s.example.org:6443", "k8s.example.org:443"],
])("%s is not excepted by NO_PROXY=%s", (server, excepted) => {
  expect(proxyOf(server, { HTTPS_PROXY: proxy, NO_PROXY: excepted })).toBe(proxy);
});

test("a percent sign in a password that is no escape is told as such", () => {
  const https_proxy = "http://someone:s3%cret@proxy.example.org:3128";
  expect(() => proxyOf("https://k8s.example.org", { https_proxy })).toThrow(
    /^the user or the password in https_proxy has a % that begins no escape$/,
  );
});

test("a proxy of another kind is refused without its password, where it would be used", () => {
  const HTTPS_PROXY = "socks5://someone:s3cret@proxy.example.org";
  expect(() => proxyOf("https://k8s.example.org", { HTTPS_PROXY })).toThrow(
    "the variable HTTPS_PROXY does not name an HTTP proxy",
  );
  expect(proxyOf("https://k8s.example.org", { HTTPS_PROXY, NO_PROXY: "*" })).toBeUndefined();
});
