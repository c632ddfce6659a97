import { expect, test } from "vitest";
import type { WhyNot } from "../../src/model/findings/why-not.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

test("why a vulnerability is not reported, or that it is, is told with the comparison", async () => {
  await plimsoll(["db", "build", "--from", writeBucket(folder), "--db", "a.sqlite"]);
  writeImage(folder, "fixed.tar", [npmLayer("leaky", "2.1.0")]);
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0")]);
  const ask = (id: string, target: string, ...more: string[]) =>
    plimsoll(["why-not", id, target, "--db", "a.sqlite", ...more]);

  const fixed = await ask("test-2024-1", "fixed.tar");
  expect(fixed).toMatchObject({ code: 0, stderr: "" });
  expect(fixed.stdout).toContain("is not reported");
  expect(fixed.stdout).toContain("leaky 2.1.0");

  const reported = await ask("TEST-2024-1", "leaky.tar");
  expect(reported.code).toBe(0);
  expect(reported.stdout).toContain("is reported");
  expect(reported.stdout).toContain("0 <= 1.5.0 < 2.0.0");

  const unknown = await ask("CVE-1999-0001", "leaky.tar", "--format", "json");
  const { reasons } = JSON.parse(unknown.stdout) as WhyNot;
  expect(unknown.code).toBe(0);
  expect(reasons.map(({ kind }) => kind)).toEqual(["no-record"]);
});

test("an id that nothing in the database has is told apart from one that speaks of other packages", async () => {
  writeImage(folder, "odd.tar", [npmLayer("odd", "3.0.0")]);
  const ask = (id: string) => plimsoll(["why-not", id, "odd.tar", "--db", "a.sqlite"]);
  expect((await ask("test-2024-1")).stdout).toContain("No record with this id covers a package in this target.");
  expect((await ask("TEST-2024-3")).stdout).toContain("No advisory has the id TEST-2024-3");
  const explained = await plimsoll(["scan", "odd.tar", "--db", "a.sqlite", "--explain", "TEST-2024-3"]);
  expect(explained.stdout).toContain("No advisory has the id TEST-2024-3");
  expect(await ask("TEST_2024_1")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is not a vulnerability id"),
  });
  const swapped = await plimsoll(["why-not", "odd.tar", "CVE-2021-44228"]);
  expect(swapped).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("plimsoll why-not CVE-2021-44228 odd.tar"),
  });
});

test("with the built-in advisories alone, that nothing is known says nothing", async () => {
  writeImage(folder, "plain.tar", [npmLayer("leaky", "2.1.0")]);
  const { code, stdout } = await plimsoll(["why-not", "CVE-1999-0001", "plain.tar"]);
  expect(code).toBe(3);
  expect(stdout).toContain("not a full feed");
});
