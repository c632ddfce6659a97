import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { isProcessRunning } from "../../src/io/processes/is-process-running.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type FakeRegistry, fakeRegistry, sendCut, sendJson } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const online = { PLIMSOLL_OFFLINE: "" };

/** A registry of three repositories with an image each. */
async function filledRegistry(): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  const layers = [npmLayer("sound", "1.0.0")];
  for (const name of ["one", "two", "three"])
    await pushLayers(testClient(), reference(`${registry.host}/team/${name}:v1`), { layers, label: name });
  return registry;
}

describe("a registry whose connections break off in the middle of manifests", () => {
  const run = async (registry: FakeRegistry, breaks: (attempt: number) => boolean) => {
    let attempts = 0;
    registry.intercept = ({ method, path }, response) =>
      method === "GET" &&
      path.startsWith("/v2/team/two/manifests/") &&
      breaks(++attempts) &&
      sendCut(response, Buffer.alloc(500, " "), { after: 10 });
    return plimsoll(["scan", "--registry", registry.host, "--no-update", "--fresh", "--format", "json"], {
      env: online,
    });
  };

  test("once is scanned as if nothing had been", async () => {
    const registry = await filledRegistry();
    const { stdout, stderr } = await run(registry, (attempt) => attempt === 1);
    expect(stderr).not.toContain("unexpected");
    expect(JSON.parse(stdout).totals).toMatchObject({ images: 3, failures: 0 });
  });

  test("each time has one failure, and the rest is told", async () => {
    const registry = await filledRegistry();
    const { stdout, stderr, code } = await run(registry, () => true);
    expect(code).toBe(3);
    expect(stderr).not.toContain("unexpected");
    const report = JSON.parse(stdout);
    expect(report.totals).toMatchObject({ images: 2, failures: 1 });
    expect(JSON.stringify(report.failures)).toContain("the connection was lost, 5 times in a row");
  });
});

test("the first interruption ends a credential helper that hangs, and the program", async () => {
  const registry = await fakeRegistry();
  registry.intercept = (_, response) => sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="x"' });
  const folder = join(plimsoll.folder, "hanging");
  const pid = join(folder, "pid");
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ credHelpers: { [registry.host]: "hanging" } }));
  const script = `#!/bin/sh\ntrap "" INT TERM\necho $$ > ${pid}\nexec sleep 60\n`;
  writeFileSync(join(folder, "docker-credential-hanging"), script, { mode: 0o755 });
  const env = { ...online, DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
  const start = Date.now();
  const { code, stderr } = await plimsoll(["scan", `${registry.host}/team/app:v1`, "--no-update"], {
    env,
    started: (child) => {
      void vi
        .waitFor(() => expect(existsSync(pid) && readFileSync(pid, "utf8")).toBeTruthy(), 20_000)
        .then(() => {
          child.kill("SIGINT");
        });
    },
  });
  expect(stderr).toContain("interrupted");
  expect(code).toBe(130);
  expect(Date.now() - start).toBeLessThan(30_000);
  expect(isProcessRunning(Number(readFileSync(pid, "utf8")))).toBe(false);
});
