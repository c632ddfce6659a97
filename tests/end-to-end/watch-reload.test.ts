import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, deletionRules, eventList, post, startWatch } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const rules = join(folder, "rules.yaml");

const renamed = (name: string): string => deletionRules.replace("Anything deleted", name);

test("changed rules are used, broken ones are refused, and no event goes by unseen meanwhile", async () => {
  writeFileSync(rules, renamed("first"));
  const { child, said, ended } = startWatch(plimsoll, ["--k8s-audit", "127.0.0.1:0", "--rules", rules]);
  const url = (await said(/listening on (http:\S+)/))[1] ?? "";
  let posted = 0;
  let isOver = false;
  const posting = (async () => {
    while (!isOver) {
      expect(await post(url, eventList(`pod-${posted}`))).toBe(200);
      posted++;
    }
  })();
  writeFileSync(rules, renamed("second"));
  await said(/note: rules reloaded; 1 enabled\n/);
  writeFileSync(rules, "- rule: third\n");
  await said(
    /note: the changed rules are not used: the rules cannot be used\n.*third.*The previous rules stay in use.\n/s,
  );
  rmSync(rules);
  await said(/note: the changed rules are not used: .*rules.yaml does not exist\n/);
  writeFileSync(rules, renamed("fourth"));
  await said(/rules reloaded.*rules reloaded/s);
  const before = posted;
  await expect.poll(() => posted).toBeGreaterThan(before + 2);
  isOver = true;
  await posting;
  child.kill("SIGINT");
  const { stdout } = await ended;
  const alerts = alertsOf(stdout);
  expect(alerts.map(({ output_fields }) => (output_fields as Record<string, unknown>)["ka.target.name"])).toEqual(
    Array.from({ length: posted }, (_, index) => `pod-${index}`),
  );
  const names = alerts.map(({ rule }) => rule as string);
  expect([...new Set(names)].filter((name) => name !== "first")).toEqual(["second", "fourth"]);
});

test("SIGHUP loads the rules at once, and opens a file of alerts again that was moved away", async () => {
  writeFileSync(rules, renamed("before"));
  const file = join(folder, "alerts.jsonl");
  const args = ["--k8s-audit", "127.0.0.1:0", "--rules", rules, "--to", `file:${file}`];
  const { child, said, ended } = startWatch(plimsoll, args);
  const url = (await said(/listening on (http:\S+)/))[1] ?? "";
  expect(await post(url, eventList("a"))).toBe(200);
  renameSync(file, `${file}.old`);
  expect(await post(url, eventList("b"))).toBe(200);
  expect(existsSync(file)).toBe(false);
  child.kill("SIGHUP");
  await said(/rules reloaded/);
  expect(await post(url, eventList("c"))).toBe(200);
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
  expect(alertsOf(readFileSync(`${file}.old`, "utf8"))).toHaveLength(2);
  expect(alertsOf(readFileSync(file, "utf8"))).toHaveLength(1);
});
