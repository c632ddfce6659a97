import { expect, test } from "vitest";
import { PlimsollError } from "../model/error.ts";
import { imageFailure } from "./image-failure.ts";

const { signal } = new AbortController();

test("too many open files are a limit of the system and no bug", () => {
  const open = Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: "EMFILE" });
  const removal = new Error(", Unknown error: Too many open files '/tmp/x'");
  for (const cause of [open, removal, Object.assign(new Error("ENFILE: file table overflow"), { code: "ENFILE" })]) {
    expect(imageFailure(cause, { signal })).toMatchObject({
      code: "limit-exceeded",
      message: "too many open files in this process",
      hint: "Raise the limit (ulimit -n 4096), or scan fewer images at a time (--concurrency).",
    });
  }
});

test("another error is a bug, and one of Plimsoll's own is itself", () => {
  expect(imageFailure(new TypeError("x is undefined"), { signal })).toMatchObject({ code: "program-failed" });
  const own = new PlimsollError("image-not-found", "there is none");
  expect(imageFailure(own, { signal })).toBe(own);
});

test("what an error that nobody foresaw has of credentials is not told", () => {
  const cause = new TypeError("cannot send authorization: Basic YWRhOnBhNTV3b3Jk to https://ada:pa55word@host.test/");
  const { message } = imageFailure(cause, { signal });
  expect(message).toMatch(/^Plimsoll failed: TypeError: cannot send authorization: \[secret\]/);
  expect(message).not.toMatch(/YWRh|pa55word/);
});
