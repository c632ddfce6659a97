import { expect, test } from "vitest";
import { runChecks } from "../run-checks.ts";
import { dockerfileChecks } from "./builtin.ts";
import { readDockerfile } from "./read-dockerfile.ts";

const hidden =
  "FROM a:1 AS build\nFROM a:1 AS evil\nUSER root\nFROM a:1\nCOPY --from=build /a /a\nUSER 1\nHEALTHCHECK CMD a";

function failures(text: string, target?: string): string[] {
  const dockerfile = readDockerfile({ path: "Dockerfile", text, ...(target && { settings: { target } }) });
  return runChecks(dockerfileChecks, { dockerfile })
    .filter(({ state, id }) => state === "fail" && /root-user|healthcheck/.test(id))
    .map(({ id, resource, location }) => `${id} ${resource}:${location?.line}`);
}

test("a stage that no other stage uses is checked as an image", () => {
  expect(failures(hidden)).toEqual(["dockerfile/root-user stage evil:3", "dockerfile/healthcheck stage evil:2"]);
});

test("--target chooses the stage, by name in any case or by number", () => {
  expect(failures(hidden, "2")).toEqual([]);
  expect(failures(hidden, "Evil")).toEqual(failures(hidden));
  expect(failures(hidden, "build")).toEqual([
    "dockerfile/root-user stage build:1",
    "dockerfile/healthcheck stage build:1",
  ]);
  expect(readDockerfile({ path: "", text: hidden, settings: { target: "other" } }).images).toEqual([]);
});

test.each([
  ["FROM", "FROM a:1 AS one\nFROM ONE"],
  ["COPY --from", "FROM a:1 AS one\nFROM a:1\nCOPY --from=0 /a /a"],
  ["a mount", "FROM a:1 AS one\nFROM a:1\nRUN --mount=type=bind,from=one,target=/a make"],
])("a stage used by %s is not an image of its own", (_, text) => {
  const { images } = readDockerfile({ path: "", text });
  expect(images.map(({ index }) => index)).toEqual([1]);
});
