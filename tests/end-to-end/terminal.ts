import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** Whether there is a terminal to look at; tests that need one are skipped without `tmux`. */
export const hasTerminal: boolean = spawnSync("tmux", ["-V"]).status === 0;

/** A program on a real terminal, with its screen as a person sees it. */
export interface TerminalSession {
  /** Whether anything on it has a colour. */
  isColoured(): boolean;
  /** Fulfilled with the screen once it is so; fails with the last screen after half a minute. */
  until(isSo: (text: string) => boolean): Promise<string>;
  resize(size: TerminalSize): void;
  /** Presses a key, as `C-c`. */
  press(key: string): void;
  /** What tmux knows: `cursor_flag`, `alternate_on`, `pane_title`. */
  tells(variable: string): string;
}

/** How large a terminal is. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Runs a line of shell on a terminal of its own, which goes away with the test. */
export function openTerminal(
  command: string,
  { columns, rows, env }: TerminalSize & { readonly env: Readonly<Record<string, string>> },
): TerminalSession {
  const name = `plimsoll-${randomUUID()}`;
  const tmux = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync("tmux", ["-u", "-L", name, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: { ...env, LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
    });
    if (status !== 0) throw new Error(`tmux ${args[0]} failed: ${stderr}`);
    return stdout;
  };
  onTestFinished(() => void spawnSync("tmux", ["-L", name, "kill-server"]));
  tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), command);
  const text = (): string => tmux("capture-pane", "-p");
  return {
    isColoured: () => tmux("capture-pane", "-p", "-e").includes("\u001b[31m"),
    until: async (isSo) => {
      const limit = performance.now() + 30_000;
      for (;;) {
        const shown = text();
        if (isSo(shown)) return shown;
        if (performance.now() > limit) throw new Error(`the screen never became as it should be:\n${shown}`);
        await pause(50);
      }
    },
    resize: (size) => void tmux("resize-window", "-x", String(size.columns), "-y", String(size.rows)),
    press: (key) => void tmux("send-keys", key),
    tells: (variable) => tmux("display-message", "-p", `#{${variable}}`).trimEnd(),
  };
}
