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

  test("of files in a capture; tabs of the format stay, and so do its line breaks alone", async () => {
    const parameters = [
      ...[packed([64, 3]), packed([64, -100]), packed(`/tmp/${red}\nforged\0`)],
      ...[packed([32, 1]), packed([32, 0]), packed([32, 0]), packed([64, 1])],
    ];
    write("a.scap", capture(eventBlock({ code: "SYSCALL_OPENAT_2_X", tid: 1, time: 1n, parameters })));
    const list = async (...args: string[]): Promise<string> => {
      const ended = await plimsoll(["events", "--capture", "a.scap", ...args]);
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
      expectHarmless(ended);
      return ended.stdout;
    };
    expect(await list("--output", "%evt.num\t%fd.name")).toBe("1\t/tmp/\\x1b[31m\\nforged\n");
    expect(await list("--output", "%evt.num\n%evt.type")).toBe("1\nopenat\n");
    const json = await list("--output", "%fd.name", "--format", "json");
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
    expect(refused.stderr).toMatch(/^error: the rules cannot be used\nrules\/bad\.yaml: Invalid\n/);
    const linted = await plimsoll(["rules", "lint", "rules/bad.yaml", "--format", "json"]);
    expectHarmless(linted);
  });
});
