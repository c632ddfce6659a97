import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type FoundPlace, openHostRoot } from "../host/host-root.ts";
import { runningK3sVersion } from "./running-k3s-version.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let hosts = 0;

/** What a machine tells whose process 10 runs the program at `path`, and which programs are run for it. */
async function versionOf(path: string, output: string): Promise<{ version: string | undefined; run: string[] }> {
  const root = join(folder, String(++hosts));
  for (const file of [path, "/proc/10/exe"]) mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, path), "");
  symlinkSync(path, join(root, "/proc/10/exe"));
  const run: string[] = [];
  const ask = async ({ path: program }: FoundPlace): Promise<string> => {
    run.push(program);
    return output;
  };
  return { version: await runningK3sVersion(10, { signal, root: openHostRoot(root), ask }), run };
}

test("k3s tells its version", async () => {
  const output = "k3s version v1.31.2+k3s1 (6da20424)\ngo version go1.22.8\n";
  const unpacked = `/var/lib/rancher/k3s/data/${"0a".repeat(32)}/bin/k3s`;
  for (const path of ["/usr/local/bin/k3s", "/usr/bin/k3s", "/opt/bin/k3s", "/bin/k3s", unpacked]) {
    expect(await versionOf(path, output)).toEqual({ version: "1.31.2", run: [path] });
  }
});

test("a program at another place is not run, whatever it calls itself", async () => {
  const output = "k3s version v1.31.2+k3s1 (6da20424)\n";
  for (const path of [
    "/tmp/k3s",
    "/usr/local/bin/k3s-server",
    "/var/lib/rancher/k3s/data/current/bin/k3s",
    "/home/k3s",
  ]) {
    expect(await versionOf(path, output)).toEqual({ version: undefined, run: [] });
  }
});

test("what is not a version of k3s tells nothing", async () => {
  expect((await versionOf("/usr/bin/k3s", "")).version).toBeUndefined();
  expect((await versionOf("/usr/bin/k3s", "k3s version dev (HEAD)\n")).version).toBeUndefined();
  expect(await runningK3sVersion(999_999_999, { signal })).toBeUndefined();
});
