import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Alert } from "../../model/events/alert.ts";
import { FileOutput } from "./file-output.ts";

const root = temporaryFolder();
const alert: Alert = {
  rule: "r",
  priority: "Notice",
  source: "syscall",
  time: 0n,
  message: "",
  tags: [],
  fields: [],
  eventNumber: 1,
};

test("lines are appended to what is there, in a file for its owner alone", async () => {
  const path = join(root, "plain");
  const first = new FileOutput(path);
  first.write(alert, "a");
  expect(readFileSync(path, "utf8")).toBe("a\n");
  await first.close();
  const second = new FileOutput(path);
  second.write(alert, "b");
  await second.close();
  expect(readFileSync(path, "utf8")).toBe("a\nb\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file is renamed before it becomes too long, and so many are kept", async () => {
  const folder = join(root, "rotated");
  mkdirSync(folder);
  const output = new FileOutput(join(folder, "alerts"), { maxBytes: 10, keep: 2 });
  for (let index = 0; index < 9; index++) output.write(alert, `${index} xx`);
  await output.close();
  expect(readdirSync(folder).sort()).toEqual(["alerts", "alerts.1", "alerts.2"]);
  const texts = ["alerts.2", "alerts.1", "alerts"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(texts.join("")).toBe("4 xx\n5 xx\n6 xx\n7 xx\n8 xx\n");
});

test("a line that is longer than a file may be has a file of its own", async () => {
  const path = join(root, "long");
  const output = new FileOutput(path, { maxBytes: 5, keep: 1 });
  output.write(alert, "a long line");
  output.write(alert, "b");
  await output.close();
  expect(readFileSync(`${path}.1`, "utf8")).toBe("a long line\n");
  expect(readFileSync(path, "utf8")).toBe("b\n");
});

test("after something moved the file away, it goes on in a new one when told", async () => {
  const path = join(root, "moved");
  const output = new FileOutput(path);
  output.write(alert, "a");
  renameSync(path, `${path}.old`);
  output.write(alert, "b");
  output.reopen();
  output.write(alert, "c");
  await output.close();
  expect([readFileSync(`${path}.old`, "utf8"), readFileSync(path, "utf8")]).toEqual(["a\nb\n", "c\n"]);
});

test("a file that cannot be opened is an error", () => {
  writeFileSync(join(root, "file"), "");
  expect(() => new FileOutput(join(root, "file", "alerts"))).toThrow(
    expect.objectContaining({ code: "output-not-written" }),
  );
});

test.runIf(process.platform === "linux")("a full disk is an error for each alert", async () => {
  const output = new FileOutput("/dev/full");
  expect(() => output.write(alert, "a")).toThrow("alerts cannot be written to /dev/full: no space left on the device");
  await output.close();
});
