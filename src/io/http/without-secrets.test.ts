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
  ["in text of JSON inside of JSON", JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ["in JSON in a query", encodeURIComponent(JSON.stringify(secret).slice(1, -1))],
  ["in a query in a query", encodeURIComponent(encodeURIComponent(secret))],
  ["in HTML as Go writes it", "Zq9&#34;x\\y&amp;w&lt;ö+ /~k&#39;"],
  ["in HTML, with numbers to the base of 16", "Zq9&#x22;x\\y&#x26;w&#x3C;&#xf6;+ /~k&#x27;"],
  ["in text of JSON in HTML", "Zq9\\&quot;x\\\\y&amp;w&lt;ö+ /~k&apos;"],
  ["in text of HTML in HTML", "Zq9&amp;quot;x\\y&amp;amp;w&amp;lt;ö+ /~k&amp;#39;"],
  ["in base64 in a query", encodeURIComponent(Buffer.from(secret).toString("base64").replace(/=+$/, ""))],
  ["in hexadecimal", Buffer.from(secret).toString("hex")],
  ["with its user in base64", pair],
  ["with its user in base64 without padding", pair.replace(/=+$/, "")],
  ["with its user in base64 for addresses", Buffer.from(`ada:${secret}`).toString("base64url")],
])("a password does not show %s", (_, form) => {
  const shown = withoutSecrets(`no: ${form} end`, secretsIn(`Basic ${pair}`));
  expect(shown).toMatch(/^no: \[secret\]=* end$/);
});

test.each(["", "x", "xy", "Bearer "])(
  "of a secret in the base64 of more only its ends are left, after %j",
  (before) => {
    const form = Buffer.from(`${before}${secret} and more`).toString("base64");
    const [start = "", end = ""] = withoutSecrets(form, [secret]).split("[secret]");
    expect(form.startsWith(start) && form.endsWith(end)).toBe(true);
    const left = Buffer.from(start, "base64").length + Buffer.from(end, "base64").length;
    expect(left).toBeLessThanOrEqual(`${before} and more`.length + 1);
  },
);

test("of secrets that are parts of others the longer go first, whatever their order", () => {
  const token = "eyJhbGciOi.pa55word.c2lnbmF0dXJl";
  for (const secrets of [
    ["pa55word", token],
    [token, "pa55word"],
  ])
    expect(withoutSecrets(`no ${token}, nor pa55word`, secrets)).toBe("no [secret], nor [secret]");
});

test.each([
  ["backslashes", "\\"],
  ["percent signs", "%"],
  ["escaped percent signs", "%25"],
  ["escaped backslashes", "%5C"],
  ["ampersands", "&amp;"],
  ["quotes", '\\"'],
  ["spaces", " "],
])("a long run of %s takes no long time, whatever is looked for", (_, piece) => {
  const text = `${piece.repeat(200_000)}end`;
  const secrets = [`${piece.repeat(20)}!`, `!${piece.repeat(20)}`, `%2${piece.repeat(9)}\\\\!`, `"${piece}" ${piece}`];
  // A search that is not linear does not come to an end within the time of a test.
  expect(withoutSecrets(text, secrets)).toBe(text);
});

test("a header gives away what comes after its scheme, and that of Basic the password in it", () => {
  expect(secretsIn("Bearer abc")).toEqual(["Bearer abc", "abc"]);
  expect(secretsIn("Basic YWxpY2U6YTpi")).toEqual(["Basic YWxpY2U6YTpi", "YWxpY2U6YTpi", "a:b"]);
  expect(secretsIn("job-token")).toContain("job-token");
});
