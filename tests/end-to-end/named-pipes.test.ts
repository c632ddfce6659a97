import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { main, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const here = (name: string): string => join(folder, name);
const manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a:1}]}\n";

beforeAll(() => {
  spawnSync("mkfifo", [here("pipe"), here("later"), here("out")]);
  mkdirSync(here("rules"));
  spawnSync("mkfifo", [here("rules/pipe.yaml")]);
  writeFileSync(here("pod.yaml"), manifest);
  writeFileSync(here("empty.json"), "");
});

test.concurrent.each<[string, RegExp]>([
  ["check manifests pipe", /a pipe without a writer/],
  ["check dockerfile pipe", /a pipe without a writer/],
  ["check manifests pod.yaml --waivers pipe", /a pipe without a writer/],
  ["check manifests pod.yaml --checks pipe", /a pipe without a writer/],
  ["check docker --facts pipe", /a pipe without a writer/],
  ["rules validate rules", /a pipe without a writer/],
  ["watch --input json --from empty.json --config pipe", /a pipe without a writer/],
  ["watch --k8s-audit 127.0.0.1:0 --tls-cert pipe --tls-key pipe", /a pipe without a writer/],
  ["scan 127.0.0.1:1/a --registry-ca pipe", /a pipe without a writer/],
  ["check kubernetes --kubeconfig pipe", /a pipe without a writer/],
  ["verify 127.0.0.1:1/a --key pipe", /a pipe without a writer/],
  ["db status --db pipe", /is not an advisory database/],
  ["check manifests pod.yaml -o out", /a pipe without a reader/],
])("%s ends by itself where the pipe has nobody at its other end", async (line, message) => {
  const { code, stdout, stderr } = await plimsoll(line.split(" "), { env: { PLIMSOLL_OFFLINE: "0" } });
  expect(`${stdout}${stderr}`).toMatch(message);
  expect([2, 3]).toContain(code);
});

test("what a shell's <(…) gives is read, and what a pipe's reader takes is written", () => {
  const run = (line: string): { readonly stdout: string; readonly stderr: string } =>
    spawnSync("bash", ["-c", line.replaceAll("plimsoll", `"${process.execPath}" "${main}"`)], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: here("home"), PLIMSOLL_OFFLINE: "1" },
    });
  const plain = run("plimsoll check manifests pod.yaml -f json");
  const checked = JSON.parse(run("plimsoll check manifests <(sleep 0.2; cat pod.yaml) -f json").stdout) as Counted;
  expect(checked.counts).toEqual((JSON.parse(plain.stdout) as Counted).counts);
  run("cat out > taken.json & plimsoll check manifests pod.yaml -f json -o out; wait");
  expect((JSON.parse(readFileSync(here("taken.json"), "utf8")) as Counted).counts).toEqual(checked.counts);
  expect(run("plimsoll rules validate <(echo '- list: a'; echo '  items: [b]')").stderr).toBe("");
});

interface Counted {
  readonly counts: Readonly<Record<string, number>>;
}

test.each(["--input json --from", "--k8s-audit-file", "--capture"])(
  "watch %s waits for a pipe's writer, and an interrupt ends it",
  async (option) => {
    const args = ["watch", ...option.split(" "), here("pipe")];
    const { code, stderr } = await plimsoll(args, {
      started: (child) => setTimeout(() => child.kill("SIGINT"), 4000),
    });
    expect({ code, stderr }).toMatchObject({ code: 130 });
  },
);

test("an interrupt ends a scan that waits for a notification", async () => {
  const { code, stderr } = await plimsoll(["scan", "--notification", here("pipe")], {
    env: { PLIMSOLL_OFFLINE: "0" },
    started: (child) => setTimeout(() => child.kill("SIGINT"), 3000),
  });
  expect({ code, stderr }).toEqual({ code: 130, stderr: "error: interrupted [cancelled]\n" });
});

test("watch reads audit events from a pipe whose writer comes later", async () => {
  const watching = plimsoll(["watch", "--k8s-audit-file", here("later")]);
  await pause(3000);
  const writer = spawn("sh", ["-c", `echo '{"kind":"Event","apiVersion":"audit.k8s.io/v1"}' > ${here("later")}`]);
  onTestFinished(() => void writer.kill());
  const { stderr } = await watching;
  expect(stderr).toMatch(/0 alerts|1 event/);
});
