import { type RunCommands, scriptCommands } from "../dockerfile/shell/run-commands.ts";
import type { ImageHistoryEntry } from "./image-facts.ts";

/** A step of an image's history, understood. */
export interface HistoryStep {
  /** From 0, in the order of the history. */
  readonly index: number;
  /** `RUN`, `ADD`, `ENV`, …; empty for what no Dockerfile makes. */
  readonly keyword: string;
  /** What follows the keyword; for `RUN` without the shell. */
  readonly text: string;
  /** Build arguments that the builder wrote down with their values. */
  readonly buildArguments: readonly { readonly name: string; readonly value: string }[];
  /** The commands of a `RUN`; none else. */
  readonly run: RunCommands;
  readonly isEmptyLayer: boolean;
}

const buildKitMark = "# buildkit";
const longestStep = 200_000;
const none: RunCommands = { commands: [] };

/**
 * Reads what builders write into the history: `/bin/sh -c #(nop)  ENV A=b` and `/bin/sh -c script` of Docker's first
 * builder, `RUN /bin/sh -c script # buildkit` and `ENV A=b` of BuildKit, both with `|2 NAME=value NAME=value` before
 * the shell.
 */
export function readHistory(history: readonly ImageHistoryEntry[]): HistoryStep[] {
  return history.map(({ createdBy, isEmptyLayer }, index) => ({
    index,
    ...readStep(createdBy.slice(0, longestStep)),
    isEmptyLayer,
  }));
}

function readStep(createdBy: string): Omit<HistoryStep, "index" | "isEmptyLayer"> {
  const trimmed = createdBy.trim();
  const text = trimmed.endsWith(buildKitMark) ? trimmed.slice(0, -buildKitMark.length).trimEnd() : trimmed;
  const nop = /^\/bin\/sh -c #\(nop\)\s*/.exec(text);
  const plain = nop === null ? text : text.slice(nop[0].length);
  const keyword = /^[A-Z]+(?=\s|$)/.exec(plain)?.[0];
  if (nop !== null || (keyword !== undefined && keyword !== "RUN")) {
    const rest = plain.slice(keyword?.length ?? 0).trim();
    return { keyword: keyword ?? "", text: rest, buildArguments: [], run: none };
  }
  const { buildArguments, rest } = splitBuildArguments(plain.slice(keyword?.length ?? 0).trim());
  const shell = /^(?:\/usr)?(?:\/bin\/)?(?:ba|a|da)?sh(?: -(?!c)\S+| -o \S+){0,10} -\w*c /.exec(rest);
  if (keyword === undefined && shell === null && buildArguments.length === 0)
    return { keyword: "", text: plain, buildArguments, run: none };
  const script = shell === null ? rest : rest.slice(shell[0].length);
  return { keyword: "RUN", text: script, buildArguments, run: scriptCommands(script) };
}

/** `|2 A=x B=y z /bin/sh …`: values may hold blanks, so one ends where the next name or the shell begins. */
function splitBuildArguments(text: string): { buildArguments: { name: string; value: string }[]; rest: string } {
  const count = /^\|(\d{1,4}) /.exec(text);
  if (count === null) return { buildArguments: [], rest: text };
  const after = text.slice(count[0].length);
  const end = after.search(/(?:^|\s)\/\S*sh\s/);
  const words = (end === -1 ? after : after.slice(0, end)).split(" ");
  const buildArguments: { name: string; value: string }[] = [];
  for (const word of words) {
    const [, name, value = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? [];
    const last = buildArguments.at(-1);
    if (name !== undefined && buildArguments.length < Number(count[1])) buildArguments.push({ name, value });
    else if (last !== undefined) last.value += ` ${word}`;
  }
  return { buildArguments, rest: end === -1 ? "" : after.slice(end).trim() };
}
