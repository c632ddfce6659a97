import { expect, test } from "vitest";
import { proxyVariables } from "./proxy-variables.ts";

test("a proxy without a scheme is an HTTP proxy, and whole addresses and exceptions stay", () => {
  const environment = { HTTPS_PROXY: "proxy.example.org:3128", http_proxy: "http://user:word@p:80/", NO_PROXY: "a,b" };
  expect(proxyVariables(environment)).toEqual({ ...environment, HTTPS_PROXY: "http://proxy.example.org:3128" });
  expect(proxyVariables({ HTTPS_PROXY: "", https_proxy: undefined })).toEqual({ HTTPS_PROXY: "" });
});

test.each(["socks5://127.0.0.1:1080", "http://user:pa55word@[bad", "http://", "a b"])(
  "%s is refused, without a word of it",
  (value) => {
    expect(() => proxyVariables({ HTTP_PROXY: value })).toThrowError(
      expect.objectContaining({ code: "usage", message: "the variable HTTP_PROXY does not name an HTTP proxy" }),
    );
  },
);
