import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Alert } from "../../../model/events/alert.ts";
import type { WatchStatus } from "../../../model/events/watch-status.ts";
import { WatchView } from "./watch-view.ts";

/**
 * Enough of a terminal: lines that are broken at its width, and what the view writes to move about in them. `writes`
 * counts the pieces.
 */
class Terminal {
  columns: number;
  rows = 24;
  readonly isTTY: true = true;
  writes = 0;
  raw = "";
  #rows: string[] = [""];
  #row = 0;
  readonly #listeners = new Set<() => void>();

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): boolean {
    this.writes++;
    this.raw += text;
    for (const [piece] of text.matchAll(/\x1b\[\d*[A-Z]|\x1b\[[\d;]*m|./gsu)) this.#take(piece);
    return true;
  }

  on(_: "resize", listener: () => void): this {
    this.#listeners.add(listener);
    return this;
  }

  off(_: "resize", listener: () => void): this {
    this.#listeners.delete(listener);
    return this;
  }

  /** Breaks the lines again, as terminals do. */
  resize(columns: number): void {
    const lines = this.#rows.slice(0, -1);
    this.columns = columns;
    this.#rows = [...lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""]), ""];
    this.#row = this.#rows.length - 1;
    for (const listener of this.#listeners) listener();
  }

  get screen(): string {
    return this.#rows.join("\n");
  }

  #take(piece: string): void {
    if (piece === "\n") this.#rows[++this.#row] = "";
    else if (/^\x1b\[\d+A$/.test(piece)) this.#row -= Number(piece.slice(2, -1));
    else if (piece === "\u001b[0J") this.#rows = [...this.#rows.slice(0, this.#row), ""];
    else if (!piece.startsWith("\u001b") && piece !== "\r") {
      if ((this.#rows[this.#row] ?? "").length === this.columns) this.#rows[++this.#row] = "";
      this.#rows[this.#row] += piece;
    }
  }
}

const alert: Alert = {
  rule: "A rule",
  priority: "Warning",
  source: "syscall",
  time: 0n,
  message: "",
  tags: [],
  fields: [],
  eventNumber: 1,
};

function statusOf(more: Partial<WatchStatus> = {}): WatchStatus {
  return {
    source: "trace.scap",
    events: 0,
    alerts: 0,
    heldBack: 0,
    byPriority: {},
    rules: [],
    ruleCount: 3,
    lost: 0,
    ...more,
  };
}

let status: WatchStatus;

function viewOn(terminal: Terminal): WatchView {
  return new WatchView(terminal as unknown as NodeJS.WriteStream, () => status);
}

beforeEach(() => {
  status = statusOf();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("a watch on a terminal", () => {
  test("shows alerts above the status, and leaves only the alerts behind", () => {
    const terminal = new Terminal(80);
    const view = viewOn(terminal);
    view.alert(alert, "10:00:00.000000000: Warning Something happened");
    status = statusOf({ events: 1200, alerts: 1, rules: [{ name: "A rule", priority: "Warning", count: 1 }] });
    vi.advanceTimersByTime(1100);
    expect(terminal.screen).toBe(
      [
        "10:00:00.000000000: Warning Something happened",
        "── trace.scap · 3 rules ────────────────────────────────────",
        "1,200 events  1,200/s   1 alert  █",
        "       1  Warning       A rule",
        "",
      ].join("\n"),
    );
    view.alert(alert, "10:00:01.000000000: Warning Something more");
    view[Symbol.dispose]();
    expect(terminal.screen).toBe(
      "10:00:00.000000000: Warning Something happened\n10:00:01.000000000: Warning Something more\n",
    );
  });

  test("writes nothing while nothing changes, and one piece for many alerts", () => {
    const terminal = new Terminal(80);
    using view = viewOn(terminal);
    vi.advanceTimersByTime(200);
    const before = terminal.writes;
    vi.advanceTimersByTime(700);
    expect(terminal.writes).toBe(before);
    vi.advanceTimersByTime(200);
    const quiet = terminal.writes;
    for (let count = 0; count < 500; count++) view.alert(alert, `00:00:00.000000000: Warning ${count}`);
    vi.advanceTimersByTime(100);
    expect(terminal.writes).toBeLessThanOrEqual(quiet + 2);
    expect(terminal.screen).toContain("Warning 499\n──");
  });

  test("keeps no more than it must while many alerts come and no timer has its turn", () => {
    const terminal = new Terminal(80);
    using view = viewOn(terminal);
    vi.advanceTimersByTime(100);
    for (let count = 0; count < 10_000; count++) view.alert(alert, `00:00:00.000000000: Warning ${"x".repeat(100)}`);
    expect(terminal.raw.length).toBeGreaterThan(1_000_000);
  });

  test("breaks long alerts into lines, and stands right after the terminal became narrower or wider", () => {
    const terminal = new Terminal(80);
    using view = viewOn(terminal);
    status = statusOf({
      rules: [{ name: `A rule ${"with a long name ".repeat(10)}`, priority: "Critical", count: 7 }],
    });
    view.alert(alert, `00:00:00.000000000: Warning ${"y".repeat(150)}`);
    vi.advanceTimersByTime(1000);
    for (const columns of [40, 30, 100]) {
      terminal.resize(columns);
      vi.advanceTimersByTime(100);
      expect(terminal.screen.match(/── trace.scap/g), String(columns)).toHaveLength(1);
      expect(terminal.screen.match(/Critical/g), String(columns)).toHaveLength(1);
      expect(terminal.screen.match(/y/g), String(columns)).toHaveLength(150);
      const status = terminal.screen.split("\n").slice(-4, -1);
      expect(status.every((line) => line.length < columns)).toBe(true);
    }
  });

  test("takes no more lines than the terminal has", () => {
    const terminal = new Terminal(80);
    terminal.rows = 3;
    const rules = Array.from({ length: 9 }, (_, index) => ({
      name: `r${index}`,
      priority: "Error" as const,
      count: 1,
    }));
    status = statusOf({ rules });
    using _ = viewOn(terminal);
    vi.advanceTimersByTime(100);
    expect(terminal.screen.split("\n")).toHaveLength(3);
  });

  test("says what was lost and why, and obeys nothing that comes with an event", () => {
    const terminal = new Terminal(80);
    using view = viewOn(terminal);
    status = statusOf({ lost: 2, lastFailure: "it answers\u001b[2J 500" });
    view.alert(alert, "00:00:00.000000000: Warning \u001b]0;title\u0007\u001b[2J");
    vi.advanceTimersByTime(100);
    expect(terminal.screen).toContain("2 alerts lost: it answers\\x1b[2J 500");
    expect(terminal.raw).not.toContain("\u0007");
    expect(terminal.raw).not.toContain("\u001b[2J");
  });

  test("has colours unless NO_COLOR is set", () => {
    for (const [noColour, expected] of [
      ["", true],
      ["1", false],
    ] as const) {
      vi.stubEnv("NO_COLOR", noColour);
      vi.stubEnv("TERM", "xterm");
      const terminal = new Terminal(80);
      using view = viewOn(terminal);
      view.alert(alert, "00:00:00.000000000: Warning x");
      vi.advanceTimersByTime(100);
      expect(terminal.raw.includes("\u001b[33m")).toBe(expected);
    }
  });
});
