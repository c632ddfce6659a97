import type { CheckMapping, Evidence } from "../../model/checks/check.ts";
import type { Check, CheckDescription, Observation } from "../check.ts";
import { shellWord } from "../evidence.ts";
import { isSkipped } from "./buildkit-skips.ts";
import type { DockerfileFacts, ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

/** A check of a Dockerfile. */
export type DockerfileCheck = Check<DockerfileFacts>;

/** Something in a Dockerfile that makes a check fail. */
export interface DockerfileFinding {
  /** The instruction that it is in; its first line is the place unless `line` is given. */
  readonly instruction?: Instruction;
  readonly line?: number;
  readonly stage?: Stage;
  readonly evidence: readonly Evidence[];
  /** `warn` when it could not be looked at; a failure when absent. */
  readonly state?: "warn";
  readonly reason?: string;
  /** Commands to review. */
  readonly commands?: readonly string[];
  /** Text on the first line of the instruction, and what to write in its place. */
  readonly edit?: { readonly from: string; readonly to: string };
}

/** How a check of a Dockerfile works. */
export interface DockerfileCheckWork {
  /** BuildKit's name of the same rule: a `check` directive or comment in the file switches it off. */
  readonly rule?: string;
  /** False where the file has nothing that the check is about. */
  readonly applies: (dockerfile: ReadDockerfile) => boolean;
  readonly find: (dockerfile: ReadDockerfile) => Iterable<DockerfileFinding>;
}

const mostFindings = 1000;
const longestText = 300;

/**
 * Makes a check. Each finding is one observation that failed or could not be made; a file to which the check applies
 * and that has no finding is one passed observation. A finding that the file itself waives is not applicable and says
 * so.
 */
export function dockerfileCheck(description: CheckDescription, work: DockerfileCheckWork): DockerfileCheck {
  return {
    ...description,
    needs: ["dockerfile"],
    *evaluate({ dockerfile }) {
      let found = 0;
      for (const finding of work.find(dockerfile)) {
        found += 1;
        const isLast = found === mostFindings;
        const last = isLast ? { reason: `more than ${mostFindings - 1} results; the others are not listed` } : {};
        yield { ...observe(dockerfile, finding, work.rule), ...last };
        if (isLast) return;
      }
      if (found === 0 && work.applies(dockerfile))
        yield {
          state: "pass",
          location: { path: dockerfile.path },
          evidence: [],
        };
    },
  };
}

/** How a stage is called in results. */
function stageName(stage: Stage): string {
  return `stage ${stage.name ?? stage.index}`;
}

/** A mapping to a rule of BuildKit. */
export function buildKit(rule: string): CheckMapping {
  return { framework: "BuildKit", id: rule };
}

function observe(dockerfile: ReadDockerfile, finding: DockerfileFinding, rule: string | undefined): Observation {
  const { instruction, stage, evidence, state = "fail", reason, edit } = finding;
  const line = finding.line ?? instruction?.line;
  const skipped = rule !== undefined && isSkipped(rule, dockerfile, instruction);
  const commands =
    edit === undefined || line === undefined ? finding.commands : [editCommand(dockerfile.path, line, edit)];
  const told = skipped ? `${rule} is disabled in the file` : reason;
  return {
    state: skipped ? "not-applicable" : state,
    ...(stage === undefined ? {} : { resource: stageName(stage) }),
    location: {
      path: dockerfile.path,
      ...(line === undefined ? {} : { line }),
    },
    evidence: evidence.map(shortened),
    ...(told === undefined ? {} : { reason: told }),
    ...(commands === undefined ? {} : { commands }),
  };
}

function shortened({ subject, value, expected }: Evidence): Evidence {
  return {
    subject: cut(subject),
    ...(value === undefined ? {} : { value: cut(value) }),
    ...(expected === undefined ? {} : { expected: cut(expected) }),
  };
}

function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

/** A command of sed that replaces the first such text on a line. */
function editCommand(path: string, line: number, { from, to }: { readonly from: string; readonly to: string }): string {
  const pattern = from.replace(/[\\/.*[\]^$]/g, "\\$&");
  const replacement = to.replace(/[\\/&]/g, "\\$&");
  return `sed -i -- ${shellWord(`${line}s/${pattern}/${replacement}/`)} ${shellWord(path)}`;
}
