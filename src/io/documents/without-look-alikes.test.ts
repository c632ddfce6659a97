import { expect, test } from "vitest";
import { withoutLookAlikes } from "./without-look-alikes.ts";

test.each([
  ["GET / with Authorization: Basic YWRhOnBhNTV3b3Jk", "GET / with Authorization: [secret]"],
  ['{"x-auth-token":"pa55word","a":1}', '{"x-auth-token":[secret],"a":1}'],
  ["refresh_token=pa55word&scope=x", "refresh_token=[secret]"],
  ["it sent Bearer abc.d3f-ghi twice", "it sent Bearer [secret] twice"],
  ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.x is old", "[secret] is old"],
  ["https://ada:pa55word@host.test/v2/", "https://[secret]@host.test/v2/"],
])("%j reads %j", (text, shown) => {
  expect(withoutLookAlikes(text)).toBe(shown);
});

test("what a stack looks like stays as it is", () => {
  const { stack = "" } = new TypeError("Basic authentication is not known; the token is none");
  expect(stack.split("\n").length).toBeGreaterThan(2);
  expect(withoutLookAlikes(stack)).toBe(stack);
  const frame = "    at async basicAuthorization (file:///opt/plimsoll/io/basic-authorization.ts:12:5)";
  expect(withoutLookAlikes(frame)).toBe(frame);
});
