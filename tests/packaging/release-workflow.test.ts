import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { program } from "../../src/apps/cli/run.ts";
import { repository } from "../setup/source-files.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const folder = join(repository, ".github/workflows");
const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

describe.each(readdirSync(folder))("the workflow %s", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  const workflow = parse(text) as { readonly permissions: unknown; readonly jobs: Readonly<Record<string, Job>> };
  const jobs = Object.values(workflow.jobs);
  const commands = jobs.flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

  test("pins each action to a commit, and names its version", () => {
    const used = Array.from(text.matchAll(/uses: (.*)$/gm), ([, reference = ""]) => reference);
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((reference) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(reference))).toEqual([]);
  });

  test("gives rights to jobs only", () => {
    expect(workflow.permissions).toEqual({});
    expect(jobs.filter(({ permissions }) => permissions === undefined)).toEqual([]);
  });

  test("inserts no text of an event into a script", () => {
    expect(commands.filter((command) => command.includes("${{"))).toEqual([]);
  });

  test("runs scripts and commands that exist", () => {
    const all = commands.join("\n");
    const run = Array.from(all.matchAll(/npm run ([a-z]+)/g), ([, script = ""]) => script);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
    const root = program(new AbortController().signal, { exitCode: 0 });
    const lines = Array.from(all.matchAll(/dist\/plimsoll\.js ([a-z]+) (.*)/g));
    expect(lines.length).toBeGreaterThan(2);
    for (const [, command = "", rest = ""] of lines) {
      const known = root.commands.find((child) => child.name() === command)?.options.map(({ long }) => long);
      const options = rest.split(" ").filter((word) => word.startsWith("--"));
      expect(options.filter((option) => !known?.includes(option))).toEqual([]);
    }
  });
});
