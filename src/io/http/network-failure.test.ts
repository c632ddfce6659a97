import { expect, test } from "vitest";
import { networkReason } from "./network-failure.ts";

test.each([
  ["ECONNREFUSED", "connection refused"],
  ["EPROTO", "it does not use TLS"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["INVALID_CA", "the library's words"],
  ["ERR_PROXY_NO_TUNNEL", "the library's words"],
  ["HPE_INVALID_CONSTANT", "its response is not HTTP"],
  ["HPE_HEADER_OVERFLOW", "its response headers are too long"],
  ["ERR_OF_A_LIBRARY", "the library's words"],
])("%s would be the same again: %s", (code, reason) => {
  expect(networkReason(failure(code))).toEqual({ reason, final: true });
});

test.each([
  ["ECONNRESET", "the connection was lost"],
  ["EPIPE", "the connection was lost"],
  ["EAI_AGAIN", "the name server does not respond"],
  ["ERR_STREAM_PREMATURE_CLOSE", "the library's words"],
  ["ERR_SOCKET_CLOSED", "the library's words"],
  ["ERR_SOCKET_PROXY", "the library's words"],
])("%s may pass: %s", (code, reason) => {
  expect(networkReason(failure(code))).toEqual({ reason, final: false });
});

test("a host with several addresses fails for the reason of the first", () => {
  const causes = new AggregateError([failure("ECONNREFUSED"), failure("ENETUNREACH")]);
  expect(networkReason(causes)).toEqual({ reason: "connection refused", final: true });
});

function failure(code: string): Error {
  return Object.assign(new Error("the library's\n words."), { code });
}
