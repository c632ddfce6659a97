import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { main, startPlimsoll } from "./run-plimsoll.ts";
import { hasTerminal, openTerminal, type TerminalSession } from "./terminal.ts";
import { openingCapture, openingRules } from "./watching.ts";

const { folder } = startPlimsoll();
const capture = join(folder, "opened.scap");
const rules = join(folder, "rules.yaml");
const lines = join(folder, "lines.jsonl");
const jsonRules = join(folder, "json.yaml");
const wide = "漢字".repeat(30);

beforeAll(() => {
  writeFileSync(capture, openingCapture(2000));
  writeFileSync(rules, openingRules);
  const who = `\u001b[2J\u001b[H\u001b]0;taken\u0007\u009b31m\r\n${wide}`;
  writeFileSync(lines, `${JSON.stringify({ bad: "yes", who })}\n`);
  const condition = "jevt.value[/bad] = yes";
  const output = "Bad (who=%jevt.value[/who])";
  writeFileSync(
    jsonRules,
    JSON.stringify([{ rule: `Bad ${wide}`, desc: "d", source: "json", condition, output, priority: "ERROR" }]),
  );
});

let inputs = 0;

/** A watch whose input stays open behind what a file holds. */
function watchOn(
  [columns, rows]: readonly [number, number],
  { file, args, env = {} }: { file: string; args: string; env?: Readonly<Record<string, string>> },
): TerminalSession {
  const watch = `'${process.execPath}' '${main}' watch ${args}`;
  const input = join(folder, `input-${++inputs}`);
  // The shell outlives the interrupt, and tells how the program ended. What runs behind is not interrupted: the end of
  // the input would race with the interrupt.
  const command = `trap : INT; mkfifo '${input}'; (trap '' INT; cat '${file}'; exec sleep 60) >'${input}' & ${watch} <'${input}'; echo "ended with $?"; sleep 60`;
  return openTerminal(command, {
    columns,
    rows,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: join(folder, "home"),
      TMPDIR: folder,
      PLIMSOLL_OFFLINE: "1",
      ...env,
    },
  });
}

const ofCapture = { file: capture, args: `--capture - --rules '${rules}'` };
const ofLines = { file: lines, args: `--input json --rules '${jsonRules}'` };
const status = (text: string): boolean => /2,000 events .* 2,001 alerts/.test(text) && text.includes("File opened");

describe.skipIf(!hasTerminal)(
  `plimsoll watch on a terminal${hasTerminal ? "" : " (no tmux)"}`,
  { timeout: 90_000 },
  () => {
    test("shows alerts, how many events there were, their rate and the rules, while its input goes on", async () => {
      const terminal = watchOn([80, 24], ofCapture);
      const shown = (await terminal.until(status)).trimEnd().split("\n");
      expect(shown.slice(-4)).toEqual([
        expect.stringMatching(/^── - · 2 rules ─+$/),
        expect.stringMatching(/^2,000 events {2}[\d,]+\/s {3}2,001 alerts/),
        "    2000  Warning       File opened",
        "       1  Critical      First file opened",
      ]);
      expect(shown.at(-5)).toMatch(/^\d\d:\d\d:\d\d\.\d{9}: Warning Opened \(file=\/tmp\/1999\)$/);
    });

    test("stands whole after the terminal became narrow, wide, and five rows high", async () => {
      const terminal = watchOn([80, 24], ofCapture);
      await terminal.until(status);
      for (const [columns, rows] of [
        [40, 24],
        [200, 24],
        [60, 5],
      ] as const) {
        terminal.resize({ columns, rows });
        const isWhole = (text: string): boolean =>
          text.split("── -").length === 2 && text.split("File opened").length === 2 && /2,000 events/.test(text);
        const shown = (await terminal.until(isWhole)).trimEnd().split("\n");
        expect(shown.length).toBeLessThanOrEqual(rows);
        expect(shown.every((line) => line.length <= columns)).toBe(true);
        expect(shown.findIndex((line) => line.startsWith("── -"))).toBe(shown.length - 4);
      }
    });

    test("ends at Ctrl-C with the summary in place of the status, 130, and the terminal as it was", async () => {
      const terminal = watchOn([80, 24], ofCapture);
      await terminal.until(status);
      terminal.press("C-c");
      const shown = (await terminal.until((text) => text.includes("ended with"))).trimEnd().split("\n");
      expect(shown.slice(-4)).toEqual([
        "2,000 events, 2,001 alerts",
        "    2000  Warning       File opened",
        "       1  Critical      First file opened",
        "ended with 130",
      ]);
      expect(shown.join("\n")).not.toContain("──");
      expect([terminal.tells("cursor_flag"), terminal.tells("alternate_on")]).toEqual(["1", "0"]);
    });

    test("obeys nothing that comes with an event, and counts the columns of wide characters", async () => {
      const terminal = watchOn([80, 24], ofLines);
      const text = await terminal.until((shown) => /1 event .* 1 alert/.test(shown) && shown.includes("1  Error"));
      expect(text).toContain("Error Bad (who=");
      expect(text).toContain("[2J");
      expect(terminal.tells("pane_title")).not.toContain("taken");
      const shown = text.trimEnd().split("\n");
      // The line of the rule is cut, not broken: it is the last one, and the rule above the status is three above.
      expect(shown.at(-1)).toMatch(/^ {7}1 {2}Error {9}Bad (?:漢字)+漢?…$/);
      expect(shown.at(-3)).toMatch(/^── stdin · 1 rule ─+$/);
    });

    test.each([
      ["", true],
      ["1", false],
    ])("has colours unless NO_COLOR is set: %j", async (value, hasColours) => {
      const terminal = watchOn([80, 24], { ...ofLines, env: { NO_COLOR: value } });
      await terminal.until((text) => text.includes("1  Error"));
      expect(terminal.isColoured()).toBe(hasColours);
    });
  },
);
