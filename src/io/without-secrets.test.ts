import { expect, test } from "vitest";
import { secretsIn, withoutSecrets } from "./without-secrets.ts";

test.each([
  ["pa55/Word+1", "no, pa55/Word+1 is wrong", "no, [secret] is wrong"],
  ["pa55/Word+1", "?was=pa55%2FWord%2B1&x", "?was=[secret]&x"],
  ["Pa55Word1", "it redirects to pa55word1.localhost", "it redirects to [secret].localhost"],
  ["Image", "no image", "no image"],
  ["abc", "abc", "abc"],
  ["\ud800-lone", "x\ud800-lone", "x[secret]"],
])("%j does not show in %j", (secret, text, shown) => {
  expect(withoutSecrets(text, [secret])).toBe(shown);
});

test("a header gives away what comes after its scheme, and that of Basic the password in it", () => {
  expect(secretsIn("Bearer abc")).toEqual(["Bearer abc", "abc"]);
  expect(secretsIn("Basic YWxpY2U6YTpi")).toEqual(["Basic YWxpY2U6YTpi", "YWxpY2U6YTpi", "a:b"]);
  expect(secretsIn("job-token")).toContain("job-token");
});
