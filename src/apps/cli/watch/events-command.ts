import { Command, InvalidArgumentError, Option } from "commander";
import { lookUpAddresses } from "../../../io/http/look-up-addresses.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { ListedEvent } from "../../../pipeline/watch/list-events.ts";
import { harmlessJson } from "../../../reporters/json.ts";
import { harmlessText } from "../../../reporters/terminal-text.ts";
import { isOffline } from "../environment.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeNote, writeOut } from "../terminal/output.ts";
import { compatOption } from "./rule-options.ts";

interface EventsFlags {
  readonly capture: string;
  readonly filter?: string;
  readonly output: string;
  readonly format: "text" | "json";
  readonly count?: boolean;
  readonly limit?: number;
  readonly compat?: "0.40";
}

/** What an event looks like unless told: as the sysdig command prints it. */
const usualFormat = "*%evt.num %evt.outputtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info";

/** Formats with a name, as the sysdig command has them: `-pc` for containers, `-pk` for pods. */
const namedFormats: Readonly<Record<string, string>> = {
  c: containerFormat("%container.name"),
  container: containerFormat("%container.name"),
  k: containerFormat("%k8s.pod.name"),
  kubernetes: containerFormat("%k8s.pod.name"),
};

/** `plimsoll events`. */
export function eventsCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("events")
    .summary("print the kernel events of a capture")
    .description("Print the kernel events of a .scap capture, with the fields that rules see.")
    .argument("[filter...]", "as --filter")
    .requiredOption("-r, --capture <file>", "capture file, may be gzipped; - is stdin")
    .option("--filter <condition>", "only events that match this rule condition")
    .addOption(
      new Option("-p, --output <format>", "output format, as in a rule; c for containers, k for pods").default(
        usualFormat,
        "one line each",
      ),
    )
    .addOption(
      new Option("-f, --format <format>", "lines, or one JSON object per event")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--count", "print only the number of events")
    .addOption(new Option("-n, --limit <number>", "stop after this many events").argParser(readCount))
    .addOption(compatOption())
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll events --capture trace.scap",
        '  plimsoll events --capture trace.scap --filter "evt.type = execve" --limit 20',
        "  plimsoll events -r trace.scap -p '%proc.name %fd.name' evt.type = open",
        "",
      ].join("\n"),
    )
    .action(async (words: readonly string[], flags: EventsFlags) => {
      const { capture, output, format, count, limit, compat } = flags;
      const filter = filterOf(words, flags);
      const { countEvents, listEvents } = await import("../../../pipeline/watch/list-events.ts");
      const options = {
        ...(filter !== undefined && { filter }),
        generation: compat ?? ("head" as const),
        domainNames: { ...(!isOffline(undefined) && { lookUp: lookUpAddresses }), note: writeNote },
        signal,
        problem: ({ message }: { readonly message: string }) => {
          outcome.exitCode = ExitCode.incomplete;
          writeNote(message);
        },
      };
      if (count) {
        const found = await countEvents(capture, options);
        writeOut(`${limit === undefined ? found : Math.min(found, limit)}\n`);
        return;
      }
      const print = format === "json" ? jsonLine : textLine;
      let left = limit ?? Number.POSITIVE_INFINITY;
      // Names in a capture cannot steer a terminal; what the user wrote may.
      const shape = { format: namedFormats[output] ?? output, shown: harmlessText };
      for await (const events of listEvents(capture, { ...options, ...shape })) {
        const shown = events.length > left ? events.slice(0, left) : events;
        writeOut(shown.map(print).join(""));
        left -= shown.length;
        if (left === 0 || process.stdout.errored) break;
        if (process.stdout.writableNeedDrain) await drained(signal);
      }
    });
}

/** The filter of the words behind the options, which are one text as for the sysdig command, or of `--filter`. */
function filterOf(words: readonly string[], { filter }: EventsFlags): string | undefined {
  if (words.length === 0) return filter;
  if (filter === undefined) return words.join(" ");
  throw new PlimsollError("usage", "two filters were given", { hint: "Join them with `and` in --filter." });
}

function containerFormat(subject: string): string {
  return `*%evt.num %evt.outputtime %evt.cpu ${subject} (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info`;
}

function textLine({ text }: ListedEvent): string {
  return `${text}\n`;
}

function jsonLine({ fields }: ListedEvent): string {
  const pairs = fields.map(([name, value]) => `${JSON.stringify(name)}:${jsonValue(value)}`);
  return `${harmlessJson(`{${pairs.join(",")}}`)}\n`;
}

function jsonValue(value: ListedEvent["fields"][number][1]): string {
  if (typeof value === "bigint") return value.toString();
  return Array.isArray(value) ? `[${value.map(jsonValue).join(",")}]` : JSON.stringify(value);
}

/** Ends when stdout takes more, when it is closed, or when the user interrupts. */
function drained(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "close", "error"]) process.stdout.off(event, done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) process.stdout.once(event, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number above 0.");
}
