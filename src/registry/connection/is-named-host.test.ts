import { expect, test } from "vitest";
import { isBeside, isNamedHost } from "./is-named-host.ts";

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

test.each<[string, string, boolean]>([
  ["https://gitlab.lan/x", "gitlab.lan:5050", true],
  ["https://GITLAB.lan:8443/x", "gitlab.lan", true],
  ["https://10.0.0.1/x", "10.0.0.1:5050", true],
  ["https://[fd00::1]/x", "[fd00::1]:5050", true],
  ["https://gitlab.lan/x", "registry.gitlab.lan:5050", false],
  ["https://10.0.0.2/x", "10.0.0.1:5050", false],
  ["http://127.0.0.1/x", "127.0.0.1:5050", false],
  ["http://localhost/x", "localhost:5050", false],
  ["http://169.254.169.254/x", "169.254.169.254:5050", false],
  ["https://a.example.com/x", "*.example.com", false],
])("%s is beside %s: %s", (address, host, expected) => {
  expect(isBeside(new URL(address), host)).toBe(expected);
});
