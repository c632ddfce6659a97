import type { Check, CheckDescription, Observation } from "../check.ts";
import { shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import type { ImageConfiguration, ImageFacts, ImageFile, ImageFileKind } from "./image-facts.ts";
import { type HistoryStep, readHistory } from "./read-history.ts";

/** A check of an image. */
export type ImageCheck = Check<ImageFacts>;

/** What makes a check of an image fail. */
export type ImageFinding = Pick<Observation, "evidence" | "reason" | "commands">;

/** A configuration with its history understood. */
export interface ReadConfiguration extends ImageConfiguration {
  readonly steps: readonly HistoryStep[];
}

/** Makes a check of the configuration: one failed observation for each finding, or one that passed. */
export function configurationCheck(
  description: CheckDescription,
  find: (config: ReadConfiguration) => Iterable<ImageFinding>,
): ImageCheck {
  return {
    ...description,
    needs: ["config"],
    *evaluate({ config }) {
      if (!("value" in config)) return;
      yield* observations(find({ ...config.value, steps: readHistory(config.value.history) }));
    },
  };
}

const mostHints = 20;

/**
 * Makes a check of a list of files: one observation with the files as evidence. `fix` gives the line of a Dockerfile
 * for a path that is quoted for the shell.
 */
export function fileCheck(
  description: CheckDescription,
  { kind, fix }: { readonly kind: ImageFileKind; readonly fix?: (path: string) => string },
): ImageCheck {
  return {
    ...description,
    needs: ["files"],
    *evaluate({ files }) {
      if (!("value" in files)) return;
      const listed = files.value[kind];
      if (listed.length === 0) {
        yield passed;
        return;
      }
      const more = files.value.truncated.includes(kind);
      yield {
        state: "fail",
        evidence: listed.map(asEvidence),
        ...(fix && {
          commands: listed.slice(0, mostHints).map(({ path }) => hint(`in the Dockerfile: ${fix(shellWord(path))}`)),
        }),
        ...(more ? { reason: "more results were found than are listed" } : {}),
      };
    },
  };
}

/** The findings as failed observations; without any, one that passed. */
export function* observations(findings: Iterable<ImageFinding>): Iterable<Observation> {
  let found = false;
  for (const finding of findings) {
    found = true;
    yield { state: "fail", ...finding };
  }
  if (!found) yield passed;
}

/** How a step of the history is called in evidence. */
export function stepSubject({ index, keyword }: HistoryStep): string {
  return `history ${index + 1} ${keyword}`.trimEnd();
}

const passed: Observation = { state: "pass", evidence: [] };

function asEvidence({ path, mode }: ImageFile): { subject: string; value: string } {
  return { subject: path, value: mode.toString(8).padStart(4, "0") };
}
