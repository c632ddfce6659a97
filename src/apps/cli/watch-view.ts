import { stripVTControlCharacters, styleText } from "node:util";
import type { Alert, Priority } from "../../model/alert.ts";
import type { WatchStatus } from "../../model/watch-status.ts";
import { clip, printable } from "../../reporters/terminal-text.ts";
import { hasColour } from "./output.ts";

const millisecondsBetweenDraws = 250;
const shownRules = 5;
const sparkWidth = 30;
const sparks = "▁▂▃▄▅▆▇█";

type StyleName = Parameters<typeof styleText>[0];

const priorityStyles: Readonly<Record<Priority, StyleName>> = {
  Emergency: ["red", "bold"],
  Alert: ["red", "bold"],
  Critical: ["red", "bold"],
  Error: "red",
  Warning: "yellow",
  Notice: "cyan",
  Informational: "dim",
  Debug: "dim",
};

/**
 * A watch on a terminal: alerts scroll by, and below them a few lines say how fast events come, how many alerts there were, and of
 * which rules. The lines below are gone when it ends.
 */
export class WatchView {
  readonly #stream: NodeJS.WriteStream;
  readonly #colour: boolean;
  readonly #status: () => WatchStatus;
  readonly #timer: NodeJS.Timeout;
  /** Lines of the status that stand on the terminal now. */
  #drawn = 0;
  #last = { at: performance.now(), events: 0, alerts: 0 };
  #rate = 0;
  /** Alerts in each of the last intervals. */
  readonly #history: number[] = [];

  constructor(stream: NodeJS.WriteStream, status: () => WatchStatus) {
    this.#stream = stream;
    this.#colour = hasColour(stream);
    this.#status = status;
    this.#timer = setInterval(() => this.#tick(), millisecondsBetweenDraws);
    this.#timer.unref();
  }

  alert({ priority }: Alert, line: string): void {
    this.#clear();
    const text = printable(line);
    const at = text.indexOf(priority);
    const start = Math.max(0, at);
    const shown = `${this.#styled("dim", text.slice(0, start))}${this.#styled(priorityStyles[priority], text.slice(start, start + priority.length))}${text.slice(start + priority.length)}`;
    this.#stream.write(`${shown}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #tick(): void {
    const now = performance.now();
    const { events, alerts } = this.#status();
    const seconds = (now - this.#last.at) / 1000;
    if (seconds >= 1) {
      this.#rate = (events - this.#last.events) / seconds;
      this.#history.push(alerts - this.#last.alerts);
      if (this.#history.length > sparkWidth) this.#history.shift();
      this.#last = { at: now, events, alerts };
    }
    this.#draw();
  }

  #draw(): void {
    const width = Math.max(20, (this.#stream.columns || 80) - 1);
    const lines = this.#lines().map((line) =>
      stripVTControlCharacters(line).length > width ? clip(stripVTControlCharacters(line), width) : line,
    );
    this.#clear();
    this.#stream.write(lines.map((line) => `${line}\n`).join(""));
    this.#drawn = lines.length;
  }

  #lines(): string[] {
    const status = this.#status();
    const { events, alerts, heldBack, rules, ruleCount, source, lost, lastFailure } = status;
    const spark = this.#history.length === 0 ? "" : `  ${sparkline(this.#history)}`;
    return [
      this.#styled("dim", `── ${printable(source)} · ${ruleCount} rules `.padEnd(60, "─")),
      `${count(events, "event")}  ${Math.round(this.#rate).toLocaleString("en")}/s   ${this.#styled("bold", count(alerts, "alert"))}${heldBack > 0 ? `   ${heldBack.toLocaleString("en")} held back` : ""}${spark}`,
      ...rules
        .slice(0, shownRules)
        .map(
          ({ name, priority, count }) =>
            `${String(count).padStart(8)}  ${this.#styled(priorityStyles[priority], priority.padEnd(13))} ${printable(name)}`,
        ),
      ...(lost > 0 ? [this.#styled("red", `${count(lost, "alert")} lost: ${printable(lastFailure ?? "")}`)] : []),
    ];
  }

  #clear(): void {
    if (this.#drawn > 0) this.#stream.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #styled(style: StyleName, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Numbers as bars, the highest one full. */
function sparkline(numbers: readonly number[]): string {
  const highest = Math.max(1, ...numbers);
  return numbers.map((number) => sparks[Math.ceil((number / highest) * (sparks.length - 1))] ?? "").join("");
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
