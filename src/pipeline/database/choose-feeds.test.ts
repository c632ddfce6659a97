import { expect, test } from "vitest";
import { chooseFeeds, feedOfEcosystem, isPartAbout, nonRedistributable } from "./choose-feeds.ts";

function chosen(...only: string[]): string[] {
  return chooseFeeds(only).map(({ feed, ecosystems }) => `${feed.id} ${ecosystems?.join() ?? "whole"}`);
}

test("names are of feeds or of ecosystems, in any case, and an ecosystem is fetched from the feed that fills it", () => {
  expect(chosen("Debian", "NPM", "pypi", "red hat", "KEV")).toEqual([
    "osv PyPI,npm",
    "debian whole",
    "red-hat Red Hat",
    "kev whole",
    "red-hat-repositories whole",
  ]);
  expect(() => chosen("npm", "debain")).toThrow('"debain" is neither a feed nor an ecosystem');
});

test("the advisories of Red Hat come with the table of its repositories, without which products cannot be told apart", () => {
  expect(chosen("red-hat")).toEqual(["red-hat whole", "red-hat-repositories whole"]);
  expect(chosen("Red Hat")).toEqual(["red-hat Red Hat", "red-hat-repositories whole"]);
  expect(chosen("red-hat-repositories")).toEqual(["red-hat-repositories whole"]);
});

test("without names everything is chosen that is not optional, and of OSV only what no publisher fills", () => {
  const all = chooseFeeds();
  expect(all.map(({ feed }) => feed.id)).toContain("chainguard");
  expect(all.filter(({ feed }) => feed.optional)).toEqual([]);
  const ofOsv = all.find(({ feed }) => feed.id === "osv")?.ecosystems ?? [];
  expect(ofOsv).toContain("npm");
  expect(ofOsv.filter((name) => feedOfEcosystem(name)?.feed.id !== "osv")).toEqual([]);
});

test("a part of OSV is about the ecosystem of its name, one of a publisher about what its feed fills", () => {
  expect(isPartAbout({ feed: "osv", name: "npm" }, "npm")).toBe(true);
  expect(isPartAbout({ feed: "osv", name: "npm" }, "PyPI")).toBe(false);
  expect(isPartAbout({ feed: "suse", name: "vex" }, "openSUSE")).toBe(true);
  expect(isPartAbout({ feed: "kev", name: "catalogue" }, "openSUSE")).toBe(false);
});

test("what holds nothing of a publisher passes nothing of it on", () => {
  const parts = ["wolfi", "chainguard", "exploit-db", "debian"].map((feed) => ({ feed, items: 1 }));
  expect(nonRedistributable([...parts, { feed: "npm", items: 1 }]).map(({ title }) => title)).toEqual([
    "Chainguard Security Database",
    "Wolfi Security Database",
    "Exploit-DB",
  ]);
  expect(nonRedistributable(parts.map(({ feed }) => ({ feed, items: 0 })))).toEqual([]);
});
