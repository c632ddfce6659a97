import { expect, test } from "vitest";
import { isNamedHost } from "./is-named-host.ts";

test.each<[string, string, boolean]>([
  ["https://a.example.com/x", "a.example.com", true],
  ["https://A.example.com/x", "a.EXAMPLE.com:443", true],
  ["http://a.example.com/x", "a.example.com:443", false],
  ["https://a.example.com:8443/x", "a.example.com", false],
  ["https://a.example.com:8443/x", "a.example.com:8443", true],
  ["https://b.a.example.com/x", "a.example.com", false],
  ["https://a.example.com/x", "*.example.com", true],
  ["https://b.a.example.com/x", "*.example.com", true],
  ["https://example.com/x", "*.example.com", false],
  ["https://badexample.com/x", "*.example.com", false],
  ["https://example.com.evil.test/x", "*.example.com", false],
  ["https://a.example.com:8443/x", "*.example.com", false],
  ["https://a.example.com:8443/x", "*.example.com:8443", true],
  ["https://[::1]:5000/x", "[::1]:5000", true],
  ["https://10.0.0.1/x", "*.0.0.1", false],
  ["https://a.example.com/x", "*", false],
  ["https://a.example.com/x", "*.", false],
  ["https://a.example.com/x", "", false],
])("%s is on %s: %s", (address, name, expected) => {
  expect(isNamedHost(new URL(address), ["other.test", name])).toBe(expected);
});
