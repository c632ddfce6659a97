import { expect, test } from "vitest";
import { secretsOfAddress, secretsOfProxies } from "./secrets-of-address.ts";

const basic = (pair: string): string => Buffer.from(pair).toString("base64");

test("an address gives away its password as it is written and as it is meant, and the header that shows it", () => {
  const found = secretsOfAddress("https://ada:pa55%2Fword@host.test/path?q=1");
  expect(found).toEqual(expect.arrayContaining(["pa55%2Fword", "pa55/word", basic("ada:pa55/word")]));
  expect(found).not.toContain("ada");
});

test("a user without a password may be a token; without a user there is no secret", () => {
  expect(secretsOfAddress(new URL("https://t0ken@host.test/"))).toContain("t0ken");
  for (const address of ["https://host.test/", "no address", "", undefined])
    expect(secretsOfAddress(address)).toEqual([]);
});

test("proxies are named in four variables, with a scheme or without", () => {
  const environment = { http_proxy: "ada:one@a.test:1", HTTPS_PROXY: " http://ada:two@b.test ", NO_PROXY: "ada:x@c" };
  expect(secretsOfProxies(environment)).toEqual(expect.arrayContaining(["one", "two"]));
  expect(secretsOfProxies({ PATH: "/bin", http_proxy: "", https_proxy: "proxy:3128" })).toEqual([]);
});
