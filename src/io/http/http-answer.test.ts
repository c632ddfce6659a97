import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { answerOf, retryAfter } from "./http-answer.ts";

test("a server says when it may be asked again in seconds or with a date", () => {
  const now = Date.UTC(2024, 0, 1);
  expect(retryAfter("120", now)).toBe(120_000);
  expect(retryAfter("Mon, 01 Jan 2024 00:00:05 GMT", now)).toBe(5000);
  expect(retryAfter("Sun, 31 Dec 2023 00:00:00 GMT", now)).toBe(0);
  for (const value of [undefined, "", "-1", "soon", "9".repeat(20)]) expect(retryAfter(value, now)).toBe(0);
});

test("headers that are not of their form count as not said", () => {
  const answer = (headers: IncomingMessage["headers"]) => answerOf({ headers } as IncomingMessage);
  expect(answer({})).toEqual({ etag: undefined, lastModified: undefined, length: undefined, encoding: "identity" });
  expect(answer({ etag: '"a"', "content-length": "12", "content-encoding": " GZIP" })).toEqual({
    etag: '"a"',
    lastModified: undefined,
    length: 12,
    encoding: "gzip",
    rangeValidator: '"a"',
  });
  expect(answer({ etag: "x".repeat(301), "last-modified": "a\tb", "content-length": "-1" })).toEqual(answer({}));
});

test("the rest of a body is asked for by a strong tag, or without a tag by a date that cannot stand for two versions", () => {
  const validator = (headers: IncomingMessage["headers"]) => answerOf({ headers } as IncomingMessage).rangeValidator;
  const date = "Mon, 01 Jan 2024 00:10:00 GMT";
  const before = "Mon, 01 Jan 2024 00:09:00 GMT";
  const justBefore = "Mon, 01 Jan 2024 00:09:01 GMT";
  expect(validator({ etag: '"a"', "last-modified": before, date })).toBe('"a"');
  expect(validator({ etag: 'W/"a"', "last-modified": before, date })).toBeUndefined();
  expect(validator({ etag: "a", "last-modified": before, date })).toBeUndefined();
  expect(validator({ "last-modified": before, date })).toBe(before);
  expect(validator({ "last-modified": justBefore, date })).toBeUndefined();
  // Without a date of the server's, the time of arrival stands for it.
  expect(validator({ "last-modified": before })).toBe(before);
  expect(validator({ "last-modified": "yesterday", date })).toBeUndefined();
  expect(validator({ "last-modified": before, date: "today" })).toBeUndefined();
});
