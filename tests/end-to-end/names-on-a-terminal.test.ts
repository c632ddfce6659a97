import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { capture, eventBlock, packed } from "../setup/write-capture.ts";
import { type RunResult, startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const red = "\u001b[31m";
const steering = /[^\P{Cc}\n\t]|\p{Cf}/u;

function write(path: string, content: string | Uint8Array): void {
  const place = join(folder, path);
  mkdirSync(join(place, ".."), { recursive: true });
  writeFileSync(place, content);
}

/** An archive of `docker save` whose manifest names this file as the config of its image. */
function archiveWithConfig(config: string): Buffer {
  const files = dockerLayout([{ layers: [npmLayer("a", "1.0.0")] }]);
  const manifest = JSON.stringify([{ Config: config, RepoTags: ["a:1"], Layers: [] }]);
  return layoutTar({ ...files, "manifest.json": Buffer.from(manifest) });
}

function expectHarmless({ stdout, stderr }: RunResult): void {
  expect(stdout).not.toMatch(steering);
  expect(stderr).not.toMatch(steering);
}

describe("names from a target reach a terminal without what it would obey", () => {
  test("of a file that could not be read, and that is one line", async () => {
    write(`files/a${red}b\nALLOWED/q.jar`, "PK\u0003\u0004 and no archive");
    const ended = await plimsoll(["sbom", "dir:files"]);
    expect(ended.code).toBe(3);
    expectHarmless(ended);
    expect(ended.stderr).toMatch(/^error: incomplete: .*a\\x1b\[31mb\\nALLOWED\/q\.jar.*\n$/);
  });

  test("of a package, in an SBOM too", async () => {
    const below = `b\u009b31m\u202e${red}\u{e0041}`;
    write(`npm/${below}/node_modules/a/package.json`, JSON.stringify({ name: "a", version: "1.0.0" }));
    const ended = await plimsoll(["sbom", "dir:npm"]);
    expectHarmless(ended);
    expect(JSON.stringify(JSON.parse(ended.stdout))).toContain(JSON.stringify(below).slice(1, -1));
  });

  test("of a file that an archive names and has not", async () => {
    write("image.tar", archiveWithConfig(`c${red}x\nnote: all is well.json`));
    const ended = await plimsoll(["scan", "image.tar", "--no-update"]);
    expect(ended.code).toBe(3);
    expectHarmless(ended);
    expect(ended.stderr).toContain("c\\x1b[31mx\\nnote: all is well.json");
    expect(ended.stderr).not.toMatch(/^note: all is well/m);
  });

  test("of files in a capture; what the format of the user has stays as it is", async () => {
    const parameters = [
      ...[packed([64, 3]), packed([64, -100]), packed(`/tmp/${red}\nforged\0`)],
      ...[packed([32, 1]), packed([32, 0]), packed([32, 0]), packed([64, 1])],
    ];
    write("a.scap", capture(eventBlock({ code: "SYSCALL_OPENAT_2_X", tid: 1, time: 1n, parameters })));
    const list = async (...args: string[]): Promise<string> => {
      const ended = await plimsoll(["events", "--capture", "a.scap", ...args]);
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
      return ended.stdout;
    };
    const name = "/tmp/\\x1b[31m\\nforged";
    expect(await list("--output", "%evt.num\t%fd.name")).toBe(`1\t${name}\n`);
    expect(await list("--output", "%evt.num\n%fd.name|%toupper(evt.type)")).toBe(`1\n${name}|OPENAT\n`);
    const own = `${red}\u{1f468}\u200d\u{1f469}\r`;
    expect(await list("--output", `${own}%evt.type %evt.arg.name`)).toBe(`${own}openat ${name}\n`);
    const json = await list("--output", "%fd.name", "--format", "json");
    expect(json).not.toMatch(steering);
    expect(JSON.parse(json)).toEqual({ "fd.name": `/tmp/${red}\nforged` });
  });

  test("of rules, whose reports keep their lines", async () => {
    write("rules/bad.yaml", `- rule: "a\\e[31mb\\u009b"\n  desc: x\n`);
    const validated = await plimsoll(["rules", "validate", "rules/bad.yaml"]);
    expect(validated.code).toBe(1);
    expectHarmless(validated);
    expect(validated.stdout.split("\n").length).toBeGreaterThan(5);
    const json = await plimsoll(["rules", "validate", "rules/bad.yaml", "--format", "json"]);
    expectHarmless(json);
    expect(JSON.parse(json.stdout)).toMatchObject({ falco_load_results: [{ successful: false }] });
    const refused = await plimsoll(["watch", "--capture", "a.scap", "--rules", "rules/bad.yaml"]);
    expectHarmless(refused);
    expect(refused.stderr).toMatch(/^error: the rules cannot be used \[rules-malformed\]\nrules\/bad\.yaml: Invalid\n/);
    const linted = await plimsoll(["rules", "lint", "rules/bad.yaml", "--format", "json"]);
    expectHarmless(linted);
  });

  test("of rules and their files, that add no line to a report", async () => {
    write("rules/x\nb.yaml: Ok", `- rule: "Bad\\nerror: forged by a rule"\n  desc: x\n`);
    const validated = await plimsoll(["rules", "validate", "rules/x\nb.yaml: Ok"]);
    expect(validated.stdout).toMatch(/^rules\/x\\nb\.yaml: Ok: Invalid\n/);
    expect(validated.stdout).toMatch(/^ {4}rule 'Bad\\nerror: forged by a rule': \(rules\/x\\nb\.yaml: Ok:1:3\)$/m);
    const refused = await plimsoll(["watch", "--capture", "a.scap", "--rules", "rules/x\nb.yaml: Ok"]);
    for (const text of [validated.stdout, refused.stderr]) expect(text).not.toMatch(/^(?:error: forged|b\.yaml)/m);
  });

  test("of a rule that a note names", async () => {
    write(
      "rules/note.yaml",
      `- {rule: "Bad\\nnote: forged by a rule", desc: d, output: o, priority: ERROR, condition: 'fd.sip.name = "nowhere.invalid"'}\n`,
    );
    const watched = await plimsoll(["watch", "--capture", "a.scap", "--rules", "rules/note.yaml"]);
    expect(watched.stderr).toMatch(/^note: the addresses of nowhere\.invalid .*Bad\\nnote: forged by a rule/m);
    expect(watched.stderr).not.toMatch(/^note: forged/m);
  });

  test("of files with checks and their keys, whose mistakes are a line each", async () => {
    const mistaken = Array.from(
      { length: 60 },
      (_, index) => `- {id: c${index}, kind: pod, "bad\\nnote: forged": 1}\n`,
    );
    write("checks/a\nnote: forged line.yaml", `checks:\n${mistaken.join("")}`);
    write("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n");
    const { code, stderr } = await plimsoll(["check", "manifests", "pod.yaml", "--checks", "checks"]);
    expect(code).toBe(3);
    const [first, ...lines] = stderr.split("\n");
    expect(first).toBe("error: checks/a\\nnote: forged line.yaml cannot be used [rules-malformed]:");
    expect(lines).toContain("  c59: unknown field bad\\nnote: forged");
    expect(lines).toContain("  c59: title is missing");
    expect(lines.slice(0, -2).filter((line) => !/^ {2}c\d+: /.test(line))).toEqual([]);
  });
});
