import { expect, test } from "vitest";
import { javaArchiveUrl } from "./java-archive-url.ts";

test("the package URL of a Java archive without a group is read", () => {
  expect(javaArchiveUrl("pkg:maven/thing@1.0%2Bb", [])).toMatchObject({
    type: "maven",
    name: "thing",
    version: "1.0+b",
    canonical: "pkg:maven/thing@1.0%2Bb",
  });
  expect(javaArchiveUrl("pkg:maven/thing", ["thing"])).toMatchObject({ name: "thing", canonical: "pkg:maven/thing" });
});

test("the group that a document has beside it counts", () => {
  expect(javaArchiveUrl("pkg:maven/thing@1", ["org.example/thing", "org.example:thing", "thing"])).toMatchObject({
    name: "org.example:thing",
    canonical: "pkg:maven/org.example/thing@1",
  });
});

test("qualifiers are kept", () => {
  expect(javaArchiveUrl("pkg:maven/aspectjtools@1.9.7?type=jar", [])).toEqual({
    type: "maven",
    name: "aspectjtools",
    version: "1.9.7",
    qualifiers: { type: "jar" },
    canonical: "pkg:maven/aspectjtools@1.9.7?type=jar",
  });
  expect(javaArchiveUrl("pkg:maven/thing@1?type=jar", ["org.example:thing"])).toMatchObject({
    name: "org.example:thing",
    canonical: "pkg:maven/org.example/thing@1?type=jar",
  });
});

test.each(["pkg:maven/", "pkg:maven/%", "pkg:maven/a/", "pkg:npm/thing@1", "pkg:maven/a@1?type=jar#x", "thing"])(
  "%s is none",
  (text) => {
    expect(javaArchiveUrl(text, [])).toBe(undefined);
  },
);
