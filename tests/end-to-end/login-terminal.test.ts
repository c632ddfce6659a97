import { describe, expect, test } from "vitest";
import { main, startPlimsoll } from "./run-plimsoll.ts";
import { hasTerminal, openTerminal, type TerminalSession } from "./terminal.ts";

const { folder } = startPlimsoll();

/** A shell on a terminal in which `plimsoll login` asks for a password; `ended with N` follows its end. */
async function askingLogin(): Promise<TerminalSession> {
  const terminal = openTerminal("bash --norc --noprofile -i", {
    columns: 100,
    rows: 30,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, TMPDIR: folder, HISTFILE: "", NODE: process.execPath },
  });
  await terminal.until((text) => /[#$]\s*$/.test(text));
  terminal.press(`$NODE ${main} login 127.0.0.1:1 -u ada; echo ended with $((0+$?))`);
  terminal.press("Enter");
  await terminal.until((text) => text.includes("Password or token:"));
  return terminal;
}

describe.skipIf(!hasTerminal)(`plimsoll login on a terminal${hasTerminal ? "" : " (no tmux)"}`, () => {
  test.each(["C-d", "C-c"])("%s where a password is asked for ends it with 130", async (key) => {
    const terminal = await askingLogin();
    terminal.press(key);
    const text = await terminal.until((shown) => key === "C-c" || /ended with \d/.test(shown));
    if (key === "C-d") expect(text).toContain("ended with 130");
    await terminal.until((shown) => shown.includes("error: interrupted"));
    expect(text).not.toContain("bug");
  });

  test("a login that was stopped and brought back asks again and takes the password", async () => {
    const terminal = await askingLogin();
    terminal.press("C-z");
    await terminal.until((text) => text.includes("Stopped"));
    terminal.press("fg");
    terminal.press("Enter");
    await terminal.until((text) => text.split("Password or token:").length === 3);
    terminal.press("secret-word");
    terminal.press("Enter");
    const text = await terminal.until((shown) => shown.includes("error:"));
    expect(text).toMatch(/error: .*127\.0\.0\.1:1/);
    expect(text).not.toContain("secret-word");
    expect(text).not.toContain("unsettled");
  });
});
