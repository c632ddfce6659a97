import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vendors } from "../../../src/registry/vendors/builtin.ts";
import { repository } from "../../setup/source-files.ts";

const folder = join(repository, "docs/registries");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

test("each kind of registry that is known has a page, and no other has one", () => {
  const pages = readdirSync(folder).filter((name) => name !== "README.md");
  expect(pages.sort()).toEqual(vendors.map(({ id }) => `${id}.md`).sort());
});

test.each(vendors.map(({ id, name }) => [id, name]))(
  "the page of %s says how it was tested, and what to do",
  (id, name) => {
    const page = read(`${id}.md`);
    expect(page).toMatch(new RegExp(`^# ${name}\n`));
    for (const heading of ["Log in", "Names", "List", "Limits"]) expect(page).toContain(`\n## ${heading}\n`);
    expect(page.match(/^Tested: (?:live with|by hand with|against) .+\.$/m)?.[0]).toBeDefined();
    expect(page.split("\n").length).toBeLessThan(60);
  },
);

test("the index names each kind once, with its page and how it was tested", () => {
  const rows = Array.from(read("README.md").matchAll(/^\| \[([^\]]+)\]\(([a-z-]+)\.md\) .*\| ([^|]+) \|$/gm));
  expect(rows.map(([, name, id]) => [id, name]).sort()).toEqual(vendors.map(({ id, name }) => [id, name]).sort());
  for (const [, , id, tested = ""] of rows) {
    const kind = /^Tested: (live|by hand|against)/m.exec(read(`${id}.md`))?.[1];
    expect(tested.trim().startsWith(kind === "against" ? "shapes" : (kind ?? "nothing"))).toBe(true);
  }
});
