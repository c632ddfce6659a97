import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { openingRules } from "./watching.ts";

const plimsoll = startPlimsoll();

beforeAll(() => writeFileSync(join(plimsoll.folder, "rules.yaml"), openingRules));

describe("plimsoll rules list", () => {
  test("lists the rules that come with Plimsoll, and those of a file", async () => {
    const own = await plimsoll(["rules", "list"]);
    expect(own.code).toBe(0);
    expect(own.stdout.split("\n").length).toBeGreaterThan(65);
    const { stdout } = await plimsoll(["rules", "list", "--rules", "rules.yaml", "--disable", "First*"]);
    expect(stdout).toBe("PRIORITY  SOURCE   RULE         TAGS\nWarning   syscall  File opened  host\n");
    const all = await plimsoll(["rules", "list", "--rules", "rules.yaml", "--disable", "First*", "--all"]);
    expect(all.stdout).toContain("First file opened (off)");
  });

  test("shows all of one rule", async () => {
    const { code, stdout } = await plimsoll(["rules", "list", "File opened", "--rules", "rules.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Rule        File opened\n");
    expect(stdout).toContain("Condition   evt.type = openat and fd.name startswith /tmp/\n");
    expect(stdout).toMatch(/Where {7}rules.yaml:\d+\n$/);
  });

  test("describes one rule as JSON", async () => {
    const args = ["rules", "list", "--rules", "rules.yaml", "--format", "json"];
    const { rules } = JSON.parse((await plimsoll(args)).stdout) as { rules: { info: { name: string } }[] };
    const one = await plimsoll([...args, "First file opened"]);
    expect({ ...one, stdout: JSON.parse(one.stdout) }).toMatchObject({ code: 0, stderr: "", stdout: rules[1] });
    expect(await plimsoll([...args, "nonsense"])).toMatchObject({ code: 2, stdout: "" });
  });

  test("describes rules as JSON", async () => {
    const { stdout } = await plimsoll(["rules", "list", "--rules", "rules.yaml", "--format", "json"]);
    const { rules } = JSON.parse(stdout) as { rules: { info: { name: string }; details: { events: string[] } }[] };
    expect(rules.map(({ info }) => info.name)).toEqual(["File opened", "First file opened"]);
    expect(rules[0]?.details.events).toContain("openat");
  });
});

describe("plimsoll rules fields", () => {
  test("lists fields by source, and finds those with a text in their name", async () => {
    const { code, stdout } = await plimsoll(["rules", "fields", "proc.aname", "--source", "syscall"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^syscall\nproc\.aname\[\[…\]\] +charbuf/);
    const json = await plimsoll(["rules", "fields", "--source", "k8s_audit", "--format", "json"]);
    const [audit] = JSON.parse(json.stdout) as { source: string; fields: { name: string }[] }[];
    expect(audit?.source).toBe("k8s_audit");
    expect(audit?.fields.map(({ name }) => name)).toContain("ka.user.name");
  });

  test("says that there is none", async () => {
    const { code, stdout, stderr } = await plimsoll(["rules", "fields", "nothing.like.it"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: 'note: no field name contains "nothing.like.it"\n',
    });
  });
});
