import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { isProcessRunning } from "../../io/processes/is-process-running.ts";
import { askHelper, eraseWithHelper, helperRunner, storeWithHelper } from "./credential-helper.ts";
import { Secret } from "./secret.ts";

const folder = temporaryFolder();
const marker = "s3cret-marker";
const found = {
  searchPath: `${folder}:/usr/bin:/bin`,
  environment: { PATH: "/usr/bin:/bin", STORE: join(folder, "store") },
};
const run = helperRunner({ ...found, signal: new AbortController().signal });

/** Programs as they are in the field: they keep one credential in a file. */
function helper(name: string, script: string): { helper: string; server: string; origin: string } {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { helper: name, server: "a.test", origin: "/x/config.json" };
}

const kept = helper(
  "kept",
  `case "$1" in
get) read -r server; [ -f "$STORE" ] && cat "$STORE" || { echo "credentials not found in native keychain"; exit 1; };;
store) cat > "$STORE";;
erase) rm "$STORE" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; };;
esac`,
);

test("what a program keeps is given back until it is to forget it", async () => {
  expect(await askHelper(run, kept)).toBeUndefined();
  await storeWithHelper(run, { ...kept, credential: { kind: "basic", username: "ü", password: new Secret(marker) } });
  const credential = await askHelper(run, kept);
  expect(credential?.kind === "basic" && [credential.username, credential.password.reveal()]).toEqual(["ü", marker]);
  expect(await eraseWithHelper(run, kept)).toBe(true);
  expect(await eraseWithHelper(run, kept)).toBe(false);
});

test("an identity token goes in and comes out as one", async () => {
  await storeWithHelper(run, { ...kept, credential: { kind: "identity-token", token: new Secret(marker) } });
  const credential = await askHelper(run, kept);
  expect(credential?.kind === "identity-token" && credential.token.reveal()).toBe(marker);
  expect(await eraseWithHelper(run, kept)).toBe(true);
});

test("an answer without user and secret is not a credential", async () => {
  expect(
    await askHelper(run, helper("empty", `echo '{"ServerURL":"a.test","Username":"","Secret":""}'`)),
  ).toBeUndefined();
});

test.each([
  ["answers", `echo '{"Secret": "${marker}"'`, "its output is not a credential"],
  ["types", `echo '{"Username": 1, "Secret": "${marker}"}'`, "its output is not a credential"],
  ["fails", `echo ${marker}; echo ${marker} >&2; exit 4`, "it exits with 4"],
  ["dies", "kill -9 $$", "a signal ended it"],
  ["floods", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "it wrote more than"],
])("a program that %s wrongly is an error that repeats nothing of it", async (name, script, reason) => {
  const error: unknown = await askHelper(run, helper(name, script)).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "target-unreadable", message: expect.stringContaining(reason) });
  expect(String(error)).toContain(`docker-credential-${name}, which is set in /x/config.json, failed: `);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(marker);
});

test("a program that is not there is an error that says so", async () => {
  const error = askHelper(run, { helper: "desktop", server: "a.test", origin: "/x/config.json" });
  await expect(error).rejects.toThrow(
    "docker-credential-desktop, which is set in /x/config.json, failed: the program was not found in PATH",
  );
});

test("a program that does not answer is ended with the run", async () => {
  const controller = new AbortController();
  const asked = askHelper(
    helperRunner({ ...found, signal: controller.signal }),
    helper("hangs", `trap "" INT TERM; echo $$ > ${join(folder, "pid")}; exec sleep 60`),
  );
  const pid = await vi.waitFor(() => Number(readFileSync(join(folder, "pid"), "utf8")) || Promise.reject());
  controller.abort();
  await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  await vi.waitFor(() => expect(isProcessRunning(pid)).toBe(false));
});
