import { expect, test } from "vitest";
import { runAuditScript } from "./run-audit-script.ts";

const environment = { PATH: "/usr/bin:/bin" };

test("a script is given to the shell as its input, and both streams are its output", async () => {
  expect(await runAuditScript("echo out; echo err >&2; exit 3", { environment })).toEqual({
    output: "err\nout\n",
    error: "exit status 3",
  });
  expect(await runAuditScript('echo "$HOME"', { environment })).toEqual({ output: "\n" });
});

test("a script that takes too long or writes too much is ended", async () => {
  expect(await runAuditScript("sleep 3", { environment, timeout: 200 })).toEqual({
    unavailable: expect.stringContaining("did not end within"),
  });
  expect(
    await runAuditScript("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", { environment }),
  ).toEqual({
    unavailable: expect.stringContaining("wrote more than"),
  });
});

test("a signal that aborts ends it with its reason", async () => {
  const signal = AbortSignal.timeout(100);
  await expect(runAuditScript("sleep 3", { environment, signal })).rejects.toThrow("aborted due to timeout");
});
