import { expect, test } from "vitest";
import type { FieldValue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { oktaFields } from "./okta-fields.ts";

const second = 1_000_000_000n;

test("texts that an event lacks are empty, and numbers missing", () => {
  expect(read("okta.client.geo.city", { client: { geographicalContext: { city: null } } })).toBe("");
  expect(read("okta.reason", {})).toBe("");
  expect(read("okta.security.asnumber", {})).toBeUndefined();
  expect(read("okta.client.geo.lat", {})).toBeUndefined();
  expect(read("okta.authentication.step", {})).toBeUndefined();
  expect(read("okta.org", {})).toBeUndefined();
});

test("numbers and flags are read as Okta writes them", () => {
  const value = {
    client: { geographicalContext: { geolocation: { lat: 52.52, lon: -13.405 } } },
    authenticationContext: { authenticationStep: 0 },
    securityContext: { asNumber: 64500, isProxy: false },
  };
  expect(read("okta.client.geo.lat", value)).toBe("52.52");
  expect(read("okta.client.geo.lon", value)).toBe("-13.405");
  expect(read("okta.authentication.step", value)).toBe("0");
  expect(read("okta.security.asnumber", value)).toBe(64500);
  expect(read("okta.security.isproxy", value)).toBe("false");
});

test("the application is in the address that was asked for", () => {
  const asked = (requestUri: string): unknown => read("okta.app", { debugContext: { debugData: { requestUri } } });
  expect(asked("/app/wiki/exk1/sso/saml")).toBe("wiki");
  expect(asked("/api/v1/authn")).toBeUndefined();
});

test("the last target of a type counts", () => {
  const target = [
    { type: "User", id: "1", displayName: "Ada", alternateId: "ada@example.com" },
    { type: "UserGroup", id: "g", displayName: "Admins" },
    { type: "User", id: "2", displayName: "Bob" },
    { type: "AppInstance", alternateId: "Wiki" },
  ];
  expect(read("okta.target.user.name", { target })).toBe("Bob");
  expect(read("okta.target.user.alternateid", { target })).toBe("");
  expect(read("okta.target.group.name", { target })).toBe("Admins");
  expect(read("okta.target.app.alternateid", { target })).toBe("Wiki");
  expect(read("okta.target.user.name", { target: null })).toBeUndefined();
  expect(read("okta.targets.displayName", { target })).toBe("(Ada,Admins,Bob,)");
  expect(read("okta.targets.displayName", { target }, "1")).toBe("Admins");
  expect(read("okta.targets.displayName", { target }, "9")).toBeUndefined();
  expect(read("okta.targets.displayName", {})).toBeUndefined();
});

test("failures of MFA are counted by user within the window", () => {
  const count = counter("okta.mfa.failure.countlast", "300");
  expect(count(failure("ada"), 0n)).toBe(1);
  expect(count(failure("ada"), 10n)).toBe(2);
  expect(count(failure("bob"), 11n)).toBe(1);
  expect(count(failure("ada"), 300n)).toBe(2);
  expect(count(failure("ada"), 1000n)).toBe(1);
});

test("failures and denied pushes are counted apart, and other events have no count", () => {
  const { catalogue, at } = stream();
  const failures = catalogue.resolve("okta.mfa.failure.countlast", "300");
  const denials = catalogue.resolve("okta.mfa.deny.countlast", "300");
  const denied = at({ eventType: "user.mfa.okta_verify.deny_push", actor: { id: "ada" } }, 1n);
  expect(failures?.extract(at(failure("ada"), 0n))).toBe(1);
  expect([failures?.extract(denied), denials?.extract(denied)]).toEqual([undefined, 1]);
  const success = at({ ...failure("ada"), outcome: { result: "SUCCESS" } }, 2n);
  expect([failures?.extract(success), denials?.extract(success)]).toEqual([undefined, undefined]);
});

test("an event counts once, whichever of its fields are read and how often", () => {
  const { catalogue, at } = stream();
  const type = catalogue.resolve("okta.evt.type", undefined);
  const count = catalogue.resolve("okta.mfa.failure.countlast", "300");
  const first = at(failure("ada"), 0n);
  type?.extract(first);
  type?.extract(at(failure("ada"), 1n));
  const third = at(failure("ada"), 2n);
  expect([count?.extract(third), type?.extract(third), count?.extract(third)]).toEqual([
    3,
    "user.authentication.auth_via_mfa",
    3,
  ]);
});

test("an event that is looked at later is not counted with those after it", () => {
  const { catalogue, at } = stream();
  const count = catalogue.resolve("okta.mfa.failure.countlast", "300");
  const first = at(failure("ada"), 1n);
  expect([count?.extract(first), count?.extract(at(failure("ada"), 2n)), count?.extract(first)]).toEqual([1, 2, 1]);
});

test("no more than 200 events of a user are remembered, and none after a day without one", () => {
  const count = counter("okta.mfa.failure.countlast", "1000000");
  let last: unknown;
  for (let time = 1n; time <= 250n; time++) last = count(failure("ada"), time);
  expect(last).toBe(200);
  expect(count(failure("ada"), 250n + 84_601n)).toBe(1);
});

test("ten thousand users are remembered, those seen last", () => {
  const count = counter("okta.mfa.failure.countlast", "100000");
  count(failure("first"), 1n);
  count(failure("second"), 2n);
  count(failure("first"), 3n);
  for (let index = 0; index < 9_999; index++) count(failure(`user ${index}`), 4n);
  expect(count(failure("first"), 5n)).toBe(3);
  expect(count(failure("second"), 5n)).toBe(1);
});

function failure(id: string): Record<string, unknown> {
  return { eventType: "user.authentication.auth_via_mfa", outcome: { result: "FAILURE" }, actor: { id } };
}

function stream() {
  const catalogue = oktaFields();
  const at = (value: unknown, time: bigint): JsonRuleEvent =>
    new JsonRuleEvent(0, { number: 1, time: time * second, source: "okta", value });
  return { catalogue, at };
}

function counter(name: string, seconds: string): (value: unknown, time: bigint) => unknown {
  const { catalogue, at } = stream();
  const field = catalogue.resolve(name, seconds);
  return (value, time) => field?.extract(at(value, time));
}

function read(name: string, value: unknown, argument?: string): FieldValue | readonly FieldValue[] | undefined {
  const { catalogue, at } = stream();
  return catalogue.resolve(name, argument)?.extract(at(value, 0n));
}
