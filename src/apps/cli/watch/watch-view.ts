import type { Alert, Priority } from "../../../model/events/alert.ts";
import type { WatchStatus } from "../../../model/events/watch-status.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { displayWidth, type Line, printable, renderLine, type Style } from "../../../reporters/terminal-text.ts";
import { hasColour } from "../terminal/output.ts";

const millisecondsBetweenDraws = 100;
/** Text that waits longer than this is written before its time. */
const mostWaiting = 64 << 10;
const shownRules = 5;
const sparkWidth = 30;
const sparks = "▁▂▃▄▅▆▇█";

const priorityStyles: Readonly<Record<Priority, Style>> = {
  Emergency: "bold-red",
  Alert: "bold-red",
  Critical: "bold-red",
  Error: "red",
  Warning: "yellow",
  Notice: "cyan",
  Informational: "dim",
  Debug: "dim",
};

/**
 * A watch on a terminal: alerts scroll by, and below them a few lines say how fast events come, how many alerts there
 * were, and of which rules. All is written in one piece at most ten times a second, and nothing when nothing changed.
 * The lines below are removed when it ends.
 */
export class WatchView {
  readonly #stream: NodeJS.WriteStream;
  readonly #colour: boolean;
  readonly #status: () => WatchStatus;
  readonly #timer: NodeJS.Timeout;
  /** Lines to print above the status that were not written yet. */
  #waiting = "";
  /** The status as it stands on the terminal now, and how wide its lines are. */
  #drawn = "";
  #drawnWidths: readonly number[] = [];
  #drawnAt = 0;
  #last = { at: performance.now(), events: 0, alerts: 0 };
  #rate = 0;
  /** Alerts in each of the last seconds. */
  readonly #history: number[] = [];

  constructor(stream: NodeJS.WriteStream, status: () => WatchStatus) {
    this.#stream = stream;
    this.#colour = hasColour(stream);
    this.#status = status;
    this.#timer = setInterval(() => this.#tick(), millisecondsBetweenDraws);
    this.#timer.unref();
    stream.on("resize", this.#draw);
  }

  /** Shows the line of an alert; a long one takes several lines. */
  alert({ priority }: Alert, line: string): void {
    const text = printable(line);
    const start = Math.max(0, text.indexOf(priority));
    const end = start + priority.length;
    this.#above(
      renderLine(
        [
          { text: text.slice(0, start), style: "dim" },
          { text: text.slice(start, end), style: priorityStyles[priority] },
          { text: text.slice(end), style: "plain" },
        ],
        { width: Number.POSITIVE_INFINITY, colour: this.#colour },
      ),
    );
  }

  /** Shows lines that are no alerts; they are printed as they are. */
  text(lines: string): void {
    this.#above(lines);
  }

  /** Writes what waits, and takes the status away. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stream.off("resize", this.#draw);
    if (this.#drawn === "" && this.#waiting === "") return;
    this.#stream.write(`${this.#toTop()}${this.#waiting}`);
    this.#waiting = "";
    this.#drawn = "";
    this.#drawnWidths = [];
  }

  #above(text: string): void {
    this.#waiting += text;
    // Many events may come before a timer has its turn.
    const isDue = performance.now() - this.#drawnAt >= millisecondsBetweenDraws;
    if (isDue || this.#waiting.length > mostWaiting) this.#draw();
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

  readonly #draw = (): void => {
    // A line that fills the last column would make some terminals go on to the next one.
    const width = Math.max(20, (this.#stream.columns || 80) - 1);
    const rows = Math.max(1, (this.#stream.rows || 24) - 1);
    const lines = this.#lines(Math.min(60, width)).slice(0, rows);
    const shown = lines.map((line) => renderLine(line, { width, colour: this.#colour })).join("");
    if (this.#waiting === "" && shown === this.#drawn) return;
    this.#stream.write(`${this.#toTop()}${this.#waiting}${shown}`);
    this.#waiting = "";
    this.#drawn = shown;
    this.#drawnWidths = lines.map((line) => Math.min(width, widthOf(line)));
    this.#drawnAt = performance.now();
  };

  #lines(ruleWidth: number): Line[] {
    const { events, alerts, heldBack, rules, ruleCount, source, lost, lastFailure } = this.#status();
    const spark = this.#history.length === 0 ? "" : `  ${sparkline(this.#history)}`;
    return [
      [{ text: `── ${printable(source)} · ${counted(ruleCount, "rule")} `.padEnd(ruleWidth, "─"), style: "dim" }],
      [
        { text: `${counted(events, "event")}  ${Math.round(this.#rate).toLocaleString("en")}/s   `, style: "plain" },
        { text: counted(alerts, "alert"), style: "bold" },
        { text: heldBack > 0 ? `   ${readableNumber(heldBack)} held back` : "", style: "plain" },
        { text: spark, style: "plain" },
      ],
      ...(lost > 0
        ? [[{ text: `${counted(lost, "alert")} lost: ${printable(lastFailure ?? "")}`, style: "red" } as const]]
        : []),
      ...rules.slice(0, shownRules).map(
        ({ name, priority, count: number }): Line => [
          { text: `${String(number).padStart(8)}  `, style: "plain" },
          { text: priority.padEnd(13), style: priorityStyles[priority] },
          { text: ` ${printable(name)}`, style: "plain" },
        ],
      ),
    ];
  }

  /**
   * Moves to where the status begins, and clears from there on. A terminal that became narrower has broken its lines.
   */
  #toTop(): string {
    const width = this.#stream.columns || 80;
    const rows = this.#drawnWidths.reduce((sum, drawn) => sum + Math.max(1, Math.ceil(drawn / width)), 0);
    return `\r${rows > 0 ? `\u001b[${rows}A` : ""}\u001b[0J`;
  }
}

function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

/** Numbers as bars, the highest one full. */
function sparkline(numbers: readonly number[]): string {
  const highest = Math.max(1, ...numbers);
  return numbers.map((number) => sparks[Math.ceil((number / highest) * (sparks.length - 1))] ?? "").join("");
}
