import { describe, expect, test } from "vitest";
import { resolveLinks } from "./resolve-links.ts";

function resolve(path: string, links: Readonly<Record<string, string>>): string | undefined {
  return resolveLinks(path, (at) => links[at]);
}

describe("links are followed inside the root", () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ["nothing to follow", "usr/lib/x", {}, "usr/lib/x"],
    ["a folder", "lib/x", { lib: "usr/lib" }, "usr/lib/x"],
    ["an absolute link", "a/b/x", { "a/b": "/usr/lib" }, "usr/lib/x"],
    ["a relative link", "a/b/x", { "a/b": "../c" }, "c/x"],
    ["the last name", "etc/os-release", { "etc/os-release": "../usr/lib/os-release" }, "usr/lib/os-release"],
    ["a chain", "a", { a: "b", b: "/c", c: "d/./e" }, "d/e"],
    ["a link behind a link", "a/f", { a: "b", "b/f": "g" }, "b/g"],
    ["more .. than there are folders", "a", { a: "../../../../etc/passwd" }, "etc/passwd"],
    [".. through a link, which is the parent of where it leads", "a/../x", { a: "deep/er" }, "deep/x"],
    ["an empty link text", "a/x", { a: "" }, "x"],
    ["a link to itself", "a", { a: "a" }, undefined],
    ["a cycle of two", "a/x", { a: "b", b: "a" }, undefined],
    ["a cycle that grows", "a", { a: "a/a" }, undefined],
  ])("%s", (_, path, links, expected) => {
    expect(resolve(path, links)).toBe(expected);
  });

  test("forty links are followed and forty-one are not", () => {
    const links = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`l${index}`, `l${index + 1}`]));
    expect(resolve("l20", links)).toBe("l60");
    expect(resolve("l19", links)).toBeUndefined();
  });

  test("links that double the path at every step end at once", () => {
    const links = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`l${index}`, `l${index + 1}/`.repeat(800)]),
    );
    const started = performance.now();
    resolve("l0", links);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
