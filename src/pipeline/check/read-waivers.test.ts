import { expect, test } from "vitest";
import { readWaivers } from "./read-waivers.ts";

test("reads waivers with all that they can have, and in JSON too", () => {
  const waivers = [
    { id: "pss/*", resource: "Deployment shop/*", reason: "until the move", until: "2027-01-31", owner: "team shop" },
    { id: "docker/container-user", reason: "it reads raw disks" },
  ];
  const yaml = [
    "waivers:",
    '  - id: "pss/*"',
    "    resource: Deployment shop/*",
    "    reason: until the move",
    "    until: 2027-01-31",
    "    owner: team shop",
    "  - {id: docker/container-user, reason: it reads raw disks}",
  ].join("\n");
  expect(readWaivers(yaml, "waivers.yaml")).toEqual(waivers);
  expect(readWaivers(JSON.stringify({ waivers }), "waivers.json")).toEqual(waivers);
});

test.each([[""], ["# none yet\n"], ["waivers: []"], ["{}"]])("%j has no waivers", (text) => {
  expect(readWaivers(text, "waivers.yaml")).toEqual([]);
});

test.each<[what: string, text: string, message: RegExp]>([
  ["text that is not YAML", "waivers: [", /w\.yaml/],
  ["a list", "- id: a", /w\.yaml/],
  ["a member that is none", "wavers: []", /wavers/],
  ["an empty id", "waivers:\n  - {id: ' ', reason: x}", /does not have a check id/],
  ["an empty reason", "waivers:\n  - {id: a, reason: ''}", /has no reason/],
  ["a reason of spaces", "waivers:\n  - {id: a, reason: '  '}", /has no reason/],
  ["a waiver without an id", "waivers:\n  - reason: x", /does not have a check id/],
  ["a waiver without a reason", "waivers:\n  - id: pss/*x", /has no reason/],
  ["a misspelt member, which would never expire", "waivers:\n  - {id: a, reason: b, untill: 2027-01-01}", /untill/],
  ["a day that is none", "waivers:\n  - {id: a, reason: b, until: soon}", /is not a date such as 2027-01-31/],
  ["a day that no calendar has", "waivers:\n  - {id: a, reason: b, until: 2027-13-01}", /is not a date/],
  ["a day that its month has not", "waivers:\n  - {id: a, reason: b, until: 2027-02-30}", /is not a date/],
  ["an id that is not text", "waivers:\n  - {id: [a], reason: b}", /w\.yaml/],
  ["deep nesting", "[".repeat(12_500), /^w\.yaml:1: the document is nested too deeply$/],
  ["an alias of itself", "waivers: &a\n  - *a", /w\.yaml/],
])("%s is refused with its place", (_, text, message) => {
  expect(() => readWaivers(text, "w.yaml")).toThrow(
    expect.objectContaining({ code: "file-malformed", message: expect.stringMatching(message) }),
  );
});
