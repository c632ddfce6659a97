import { expect, test } from "vitest";
import { withoutSecrets } from "../../io/http/without-secrets.ts";
import { registryWords } from "./registry-failure.ts";

const wordsOf = (text: string): string | undefined => registryWords(Buffer.from(text));

test("what an answer says of its error is found in the forms of registries and of what is behind them", () => {
  expect(wordsOf('{"errors":[{"code":"DENIED","message":"no"},{"code":"X"}]}')).toBe("DENIED: no; X");
  expect(wordsOf('{"__type":"a.b#AccessDeniedException","Message":"no"}')).toBe("AccessDeniedException: no");
  expect(wordsOf('{"error":"invalid_grant","error_description":"too late"}')).toBe("too late");
  expect(wordsOf("<ErrorResponse><Error><Code>A</Code><Message>b &lt;c&gt;</Message></Error></ErrorResponse>")).toBe(
    "A: b <c>",
  );
  expect(wordsOf('\uFEFF<?xml version="1.0"?>\n<Error><Code>A</Code></Error>')).toBe("A");
  expect(wordsOf("forbidden.\n")).toBe("forbidden");
});

test("a secret does not show, however the XML of an error writes its characters", () => {
  const secret = "pa&ss'wörd";
  const redact = (text: string): string => withoutSecrets(text, [secret]);
  for (const written of [
    "pa&amp;ss&#39;w&#246;rd",
    "pa&#38;ss&#x27;w&#xF6;rd",
    "pa&#x0026;ss&apos;w&#xf6;rd",
    "pa&#0000000038;ss&#00000000039;wörd",
  ])
    expect(registryWords(Buffer.from(`<Error><Message>no ${written}!</Message></Error>`), redact)).toBe("no [secret]!");
});

test("what is not a character in XML stays as it is written", () => {
  const text = `&#x110000; &#99999999999999999999; &#; &#x; &#-1; &#xd800; &unknown;`;
  expect(wordsOf(`<Error><Message>${text}</Message></Error>`)).toBe(text);
});

test("a page, and what has none of these forms, says nothing", () => {
  for (const text of [
    "",
    "<html><Code>A</Code></html>",
    "<Error></Error>",
    "<Errors><Code>A</Code></Errors>",
    "[1]",
    "{}",
    "{",
  ])
    expect(wordsOf(text)).toBeUndefined();
});

test("an answer of one form repeated is read in one pass", () => {
  const start = performance.now();
  expect(wordsOf(`<Error>${"<Code>".repeat(10_000)}`)).toBeUndefined();
  expect(wordsOf(`<Error>${"<Code>a".repeat(9000)}`)).toBeUndefined();
  expect(wordsOf(`${" ".repeat(60_000)}<Errors>`)).toBeUndefined();
  expect(wordsOf(`<Error><Message>&#${"9".repeat(60_000)};</Message></Error>`)).toContain("&#9");
  expect(wordsOf(`<Error><Message>${`&#${"0".repeat(60_000)}`.repeat(2)}</Message></Error>`)).toContain("&#0");
  expect(performance.now() - start).toBeLessThan(500);
});
