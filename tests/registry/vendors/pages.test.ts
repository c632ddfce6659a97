import { execFileSync } from "node:child_process";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { vendors } from "../../../src/registry/vendors/builtin.ts";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { repository } from "../../setup/source-files.ts";
import { isInstalled } from "../setup/docker-registry.ts";

const folder = join(repository, "docs/registries");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

/** What the page of a kind says of how it was tested. */
const said = (id: string): string => /^Tested: (.+)\.$/m.exec(read(`${id}.md`))?.[1] ?? "";

const kinds = vendors.map(({ id, name }) => [id, name] as const);

test("each kind of registry that is known has a page, and no other has one", () => {
  const pages = readdirSync(folder).filter((name) => name !== "README.md");
  expect(pages.sort()).toEqual(vendors.map(({ id }) => `${id}.md`).sort());
});

test.each(kinds)("the page of %s says how it was tested, and what to do", (id, name) => {
  const page = read(`${id}.md`);
  expect(page).toMatch(new RegExp(`^# ${name}\n`));
  for (const heading of ["Log in", "Names", "List", "Limits"]) expect(page).toContain(`\n## ${heading}\n`);
  expect(page.match(/^Tested: (?:live with|manually with|against) .+\.$/m)?.[0]).toBeDefined();
  expect(page.split("\n").length).toBeLessThan(60);
});

test("the index names each kind once, with its page and how it was tested", () => {
  const rows = Array.from(read("README.md").matchAll(/^\| \[([^\]]+)\]\(([a-z-]+)\.md\) .*\| ([^|]+) \|$/gm));
  expect(rows.map(([, name, id]) => [id, name]).sort()).toEqual(vendors.map(({ id, name }) => [id, name]).sort());
  for (const [, , id = "", tested = ""] of rows) {
    const [how = "", version] = tested.trim().split(", ");
    const [word = ""] = said(id).split(/ (?:with )?/);
    expect(how, id).toBe(word === "against" ? "shapes" : word);
    if (version !== undefined) expect(said(id), id).toMatch(new RegExp(` ${version.replaceAll(".", "\\.")}(?:[. ]|$)`));
  }
});

interface TestFile {
  readonly path: string;
  readonly text: string;
}

const files = (pattern: string): readonly TestFile[] =>
  globSync(pattern, { cwd: join(repository, "tests/registry") }).map((path) => {
    return { path, text: readFileSync(join(repository, "tests/registry", path), "utf8") };
  });

/** A registry that the tests start as a program of its own. */
interface LiveRegistry {
  readonly program: string;
  /** The function that starts it. */
  readonly start: string;
}

/** Those that a file among what the tests are set up with starts. */
const liveRegistries: readonly LiveRegistry[] = files("setup/*.ts").flatMap(({ text }) => {
  if (!text.includes("spawn(program,")) return [];
  const program = /^const program = "([^"]+)";$/m.exec(text)?.[1];
  const start = /^export async function (start[A-Za-z]+)\(/m.exec(text)?.[1];
  return program === undefined || start === undefined ? [] : [{ program, start }];
});

describe("a page that says live", () => {
  const live = vendors.flatMap(({ id }) => {
    const [, program = "", version = ""] = /^live with (\S+) ([0-9.]+)/.exec(said(id)) ?? [];
    return said(id).startsWith("live") ? [{ id, program, version }] : [];
  });

  test("names the program that tests start, and each that they start has such a page", () => {
    expect(liveRegistries).not.toEqual([]);
    expect(live.map(({ program }) => program).sort()).toEqual(liveRegistries.map(({ program }) => program).sort());
    for (const { id } of vendors) expect(said(id).includes("live with"), id).toBe(live.some((one) => one.id === id));
  });

  test.each(liveRegistries)("has tests that start $program and list what it holds", ({ start }) => {
    const tests = files("**/*.test.ts").filter(({ text }) => text.includes(`await ${start}(`));
    expect(tests.map(({ path }) => path)).toContain(join("vendors", "listing-live.test.ts"));
  });

  test.for(live)("has the version that is installed: $program", ({ program, version }, { skip }) => {
    skip(!isInstalled(program), `${program} is not installed`);
    const printed = execFileSync(program, ["--version"], { encoding: "utf8", timeout: 10_000 });
    expect(printed).toMatch(new RegExp(` v?${version.replaceAll(".", "\\.")}[.+]`));
  });
});

describe("a page that says shapes", () => {
  const shaped = kinds.filter(([id]) => / (?:documented )?shapes\b/.test(said(id)));

  test("is each that is not run live", () => {
    const others = vendors.filter(({ id }) => !said(id).startsWith("live"));
    expect(shaped.map(([id]) => id)).toEqual(others.map(({ id }) => id));
  });

  test.each(shaped)("has tests that play them: %s", (_, name) => {
    const players = files("{vendors/,}*.test.ts").filter(({ text }) => playsServers.test(text));
    const titles = players.flatMap(({ text }) => titlesIn(text));
    expect(titles.filter((title) => shortNames(name).some((short) => title.includes(short)))).not.toEqual([]);
  });

  test("does not have them by the name of another kind", () => {
    for (const [, name] of kinds) {
      const others = kinds.filter(([, other]) => other !== name);
      for (const [, other] of others) for (const short of shortNames(name)) expect(other).not.toContain(short);
    }
  });

  const playsServers = /from "\.{1,2}\/setup\/(?:fake-registry|fake-internet|vendor-internet|cloud-hosts)\.ts"/;

  /** Of suites and tests, and the names of vendors in a table of such. */
  function titlesIn(text: string): readonly string[] {
    const written = text.matchAll(/\b(?:(?:describe|test)[^"'`\n]*\(|vendor: )(["'`])((?:(?!\1).)*)\1/g);
    return Array.from(written, ([, , title = ""]) => title);
  }

  /** The name, and without its maker where the rest is a name by itself. */
  function shortNames(name: string): readonly string[] {
    const last = name.split(" ").at(-1) ?? name;
    return last === "Registry" || last === "Hub" ? [name] : [name, last];
  }
});

describeWithCorpus("a page that says recorded exchanges", () => {
  const recorded = readdirSync(corpusPath("platform", "registry", "recorded"));

  test("names versions that were recorded, and all of them", () => {
    const [, versions = ""] = /recorded exchanges of (.+)$/.exec(said("distribution")) ?? [];
    const named = versions.split(/,? and |, /).sort();
    const found = recorded.flatMap((name) => /^(?:docker-registry|distribution)-([0-9.]+[0-9])/.exec(name)?.[1] ?? []);
    expect(named).toEqual([...new Set(found)].sort());
    expect(vendors.filter(({ id }) => said(id).includes("recorded")).map(({ id }) => id)).toEqual(["distribution"]);
  });
});
