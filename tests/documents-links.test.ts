import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { documents, headings, read, withoutCode } from "./setup/documents.ts";
import { repository } from "./setup/source-files.ts";

test("every document is reached from the README by links", () => {
  const reached = new Set(["README.md"]);
  for (const document of reached) {
    for (const link of linksOf(document)) {
      const path = join(dirname(document), link.split("#")[0] ?? "");
      if (path.endsWith(".md") && existsSync(join(repository, path))) reached.add(path);
    }
  }
  expect(documents.length).toBeGreaterThan(60);
  expect(documents.filter((document) => !reached.has(document))).toEqual([]);
});

test("every link in a document leads to something", () => {
  const broken: string[] = [];
  let seen = 0;
  for (const document of documents) {
    for (const link of linksOf(document)) {
      seen++;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), path);
      const found = existsSync(join(repository, target));
      const anchors = found && anchor !== undefined ? headings(read(target)).map(anchorOf) : [];
      if (!found || (anchor !== undefined && !anchors.includes(anchor))) broken.push(`${document}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
  expect(seen).toBeGreaterThan(30);
});

test("every path that a document names exists", () => {
  const missing: string[] = [];
  let seen = 0;
  for (const document of documents) {
    for (const [, path = ""] of read(document).matchAll(/`((?:[\w.-]+\/)+(?:[\w.-]+\.(?:ts|mjs|json|md))?)`/g)) {
      if (path.split("/").length === 2 && path.endsWith("/")) continue;
      seen++;
      const places = ["", "src", dirname(document)].map((place) => join(repository, place, path));
      if (!places.some((place) => existsSync(place)) && !path.startsWith("dist/")) missing.push(`${document}: ${path}`);
    }
  }
  expect(missing).toEqual([]);
  expect(seen).toBeGreaterThan(40);
});

/** The links of a document that do not lead elsewhere, as they are written. */
function linksOf(document: string): readonly string[] {
  const all = Array.from(withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  return all.filter((link) => !/^https?:/.test(link));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
