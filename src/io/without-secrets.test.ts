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

const secret = "Zq9\"x\\y&w<ö+ /~k'";
const pair = Buffer.from(`ada:${secret}`).toString("base64");

test.each([
  ["in JSON", JSON.stringify(secret).slice(1, -1)],
  ["in JSON as Go writes it", "Zq9\\\"x\\\\y\\u0026w\\u003cö+ /~k'"],
  ["in JSON in ASCII", "Zq9\\\"x\\\\y&w<\\u00f6+ /~k'"],
  ["in JSON as PHP writes it", "Zq9\\\"x\\\\y&w<ö+ \\/~k'"],
  ["in a query", encodeURIComponent(secret)],
  ["in a form", new URLSearchParams({ a: secret }).toString().slice(2)],
  [
    "in a form, in lower case",
    new URLSearchParams({ a: secret })
      .toString()
      .slice(2)
      .replace(/%../g, (octet) => octet.toLowerCase()),
  ],
  ["in HTML", "Zq9&quot;x\\y&amp;w&lt;ö+ /~k&#39;"],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["in base64 without padding", Buffer.from(secret).toString("base64").replace(/=+$/, "")],
  ["in base64 for addresses", Buffer.from(secret).toString("base64url")],
  ["with its user in base64", pair],
  ["with its user in base64 without padding", pair.replace(/=+$/, "")],
  ["with its user in base64 for addresses", Buffer.from(`ada:${secret}`).toString("base64url")],
])("a password does not show %s", (_, form) => {
  const shown = withoutSecrets(`no: ${form} end`, secretsIn(`Basic ${pair}`));
  expect(shown).toMatch(/^no: \[secret\]=* end$/);
});

test("a header gives away what comes after its scheme, and that of Basic the password in it", () => {
  expect(secretsIn("Bearer abc")).toEqual(["Bearer abc", "abc"]);
  expect(secretsIn("Basic YWxpY2U6YTpi")).toEqual(["Basic YWxpY2U6YTpi", "YWxpY2U6YTpi", "a:b"]);
  expect(secretsIn("job-token")).toContain("job-token");
});
