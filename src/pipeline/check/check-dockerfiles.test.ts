import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { findProgram } from "../../io/processes/child-process.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import { checkDockerfiles } from "./check-dockerfiles.ts";
import { readCustomFiles } from "./custom-checks.ts";

const folder = temporaryFolder();
const searchPath = process.env["PATH"] ?? "";
const isMissing = (await findProgram("shellcheck", searchPath)) === undefined;
const note = isMissing ? " (shellcheck is not installed)" : "";

async function report(
  name: string,
  texts: readonly string[],
  options: { readonly path?: string; readonly refusesInlineWaivers?: boolean; readonly skip?: readonly string[] } = {},
): Promise<CheckReport> {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [index, text] of texts.entries()) writeFileSync(join(place, `${index}.Dockerfile`), text);
  const { path = searchPath, refusesInlineWaivers = false, skip = [] } = options;
  return checkDockerfiles([place], {
    stdin: process.stdin,
    custom: readCustomFiles([]),
    policy: {
      waivers: [],
      only: skip.length > 0 ? [] : ["dockerfile/shellcheck"],
      skip,
      now: new Date("2026-11-01T00:00:00Z"),
      refusesInlineWaivers,
    },
    searchPath: path,
  });
}

const shown = ({ results }: CheckReport): string[] =>
  results.map(
    ({ state, location, evidence }) =>
      `${state} ${location?.path.slice(-12, -11) ?? ""}:${location?.line ?? ""} ${evidence.map(({ subject }) => subject).join()}`,
  );

const mistakes = [
  "FROM debian:13",
  "ARG DIR",
  "ENV HOME_DIR=/opt/app",
  "RUN cd /a; make",
  "RUN set -eu \\",
  "  # clean",
  "  && rm -rf $DIR \\",
  '  && rm -rf "$DIR/"* $HOME_DIR/cache',
  "RUN <<EOF",
  "set -e",
  "build() { false; true; }",
  "if build; then echo; fi",
  'tar -C "~/x" -xf y',
  "EOF",
  'SHELL ["/bin/bash", "-ec"]',
  "RUN export V=$(git describe)",
  "RUN cd /b; make",
  'RUN ["bash", "-c", "[ -n $A ] && b"]',
  "RUN sed s/a/b/ f > f",
  "RUN find /x | rm -f",
  "RUN rm -rf /usr",
].join("\n");

test.skipIf(isMissing)(`mistakes in scripts are found on their lines${note}`, async () => {
  expect(shown(await report("mistakes", [mistakes]))).toEqual([
    "fail 0:4 SC2164",
    "fail 0:7 SC2086",
    "fail 0:8 SC2115",
    "fail 0:12 SC2310",
    "fail 0:13 SC2088",
    "fail 0:16 SC2155",
    "fail 0:18 SC2070",
    "fail 0:19 SC2094",
    "fail 0:20 SC2216",
    "fail 0:21 SC2114",
  ]);
});

test.skipIf(isMissing)(`guarded scripts pass in every file${note}`, async () => {
  const text = `FROM a:1\nRUN cd /a && make && rm -rf "\${A:?}/" /var/lib/apt/lists/* && cd ..`;
  const passed = await report("guarded", [text, text]);
  expect(passed.results.map(({ state }) => state)).toEqual(["pass", "pass"]);
  expect(passed.verdict.decision).toBe("not-judged");
});

test.skipIf(isMissing)(`a script that cannot be parsed hides no mistake of another${note}`, async () => {
  const { results } = await report("unparsed", ["FROM a:1\nRUN x=(1; cd $A\nRUN cd /a; make"]);
  expect(results.map(({ state, location }) => `${state}:${location?.line}`).sort()).toEqual(["fail:3", "warn:2"]);
});

test.skipIf(isMissing)(`a directive in a script counts unless inline waivers are refused${note}`, async () => {
  const text = "FROM a:1\nRUN <<EOF\n# shellcheck disable=SC2164\ncd /a\nmake\nEOF";
  expect(shown(await report("directive", [text]))).toEqual(["pass 0: "]);
  expect(shown(await report("refused", [text], { refusesInlineWaivers: true }))).toEqual(["fail 0:4 SC2164"]);
});

test("without shellcheck one manual check for all files names the reason, and decides nothing", async () => {
  const { results, verdict } = await report("absent", [mistakes, mistakes], { path: "" });
  expect(results).toMatchObject([
    {
      state: "manual",
      reason: "shellcheck is not installed; install it to check the shell scripts in RUN",
    },
  ]);
  expect(verdict.decision).toBe("not-judged");
});

test("a check that is skipped starts no program and leaves nothing open", async () => {
  const skip = ["dockerfile/shellcheck"];
  const { results, verdict } = await report("skipped", ["FROM a:1\nRUN cd /a; make"], { path: "", skip });
  expect(results.map(({ id }) => id)).not.toContain("dockerfile/shellcheck");
  expect(verdict.decision).not.toBe("cannot-tell");
});
