import type { Dockerfile, DockerfileError, Instruction } from "./dockerfile.ts";
import { type Expansion, expandWords } from "./expand-words.ts";
import { instructionError } from "./instruction-error.ts";

/** What a build would be started with. */
export interface BuildOptions {
  /** As `--build-arg` gives them. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** The stage that is built, as `--target` names it; the last without it. */
  readonly target?: string;
  /** `os/architecture` of what is built, and of where; `linux/amd64` without it. */
  readonly platform?: string;
}

/** An instruction inside of a stage. */
export interface Step {
  readonly instruction: Instruction;
  /**
   * The arguments with variables replaced and quotes taken away where the instruction does that; as written when that
   * failed.
   */
  readonly values: readonly string[];
  /** Variables in the arguments that are neither set nor declared, in order. */
  readonly unset: readonly string[];
  /** Why variables could not be replaced. */
  readonly error?: string;
  /** True for what `ONBUILD` defers to a later build. */
  readonly deferred: boolean;
}

/** A build stage. */
export interface Stage {
  /** From 0. */
  readonly index: number;
  /** In lower case. */
  readonly name?: string;
  readonly from: Instruction;
  /** The image as written, and with variables replaced by their defaults; empty for variables without a default. */
  readonly baseAsWritten: string;
  readonly base: string;
  /** The variables of the image that have no value. */
  readonly unset: readonly string[];
  /** The value of `--platform` as written. */
  readonly platform?: string;
  /** The earlier stage that it builds on. */
  readonly parent?: Stage;
  readonly steps: readonly Step[];
}

/** An `ARG` before the first stage. */
export interface GlobalArgument {
  readonly name: string;
  readonly value?: string;
}

/** A Dockerfile, understood. */
export interface BuildPlan {
  readonly globalArguments: readonly GlobalArgument[];
  readonly stages: readonly Stage[];
  /** Instructions that BuildKit refuses, by line; they are in no stage. */
  readonly errors: readonly DockerfileError[];
}

const mostStages = 1000;
// Characters in the values of all steps: variables that hold each other grow without a bound.
const mostValues = 20_000_000;
/** What BuildKit lets a build use without an `ARG`. */
const predefined = new Set(
  ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
);

/** Divides a Dockerfile into stages and replaces variables as far as the file alone tells their values. */
export function buildStages(dockerfile: Dockerfile, options: BuildOptions = {}): BuildPlan {
  const reader = new StageReader(dockerfile, options);
  for (const instruction of dockerfile.instructions) reader.add(instruction);
  return reader.finish();
}

/** The variables that BuildKit sets before the first `FROM`. */
export function platformVariables(platform = "linux/amd64", target = "default"): ReadonlyMap<string, string> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  const sides = ["BUILD", "TARGET"].flatMap((side): [string, string][] => [
    [`${side}PLATFORM`, platform],
    [`${side}OS`, os],
    [`${side}OSVERSION`, ""],
    [`${side}ARCH`, architecture],
    [`${side}VARIANT`, variant],
  ]);
  return new Map([...sides, ["TARGETSTAGE", target]]);
}

/** A stage that steps are added to, with the variables as they are at its end. */
interface OpenStage {
  readonly stage: Stage & { readonly steps: Step[] };
  readonly environment: Map<string, string>;
  readonly declared: Set<string>;
}

class StageReader {
  readonly #escape: string;
  readonly #options: BuildOptions;
  readonly #global: Map<string, string>;
  readonly #globalArguments: GlobalArgument[] = [];
  readonly #stages: OpenStage[] = [];
  readonly #byName = new Map<string, OpenStage>();
  readonly #errors: DockerfileError[] = [];
  #tooMany = false;
  #values = 0;

  constructor(dockerfile: Dockerfile, options: BuildOptions) {
    this.#escape = dockerfile.escape;
    this.#options = options;
    const last = dockerfile.instructions.findLast(({ keyword }) => keyword === "FROM");
    this.#global = new Map(platformVariables(options.platform, options.target ?? last?.args[2]?.toLowerCase()));
  }

  add(instruction: Instruction): void {
    if (this.#tooMany) return;
    const refused = instructionError(instruction);
    if (refused !== undefined) {
      this.#fail(instruction, refused);
      return;
    }
    if (instruction.keyword === "FROM") this.#open(instruction);
    else {
      const stage = this.#stages.at(-1);
      if (stage !== undefined) this.#addStep(stage, instruction);
      else if (instruction.keyword === "ARG") this.#addGlobal(instruction);
      else this.#fail(instruction, "no FROM before this instruction");
    }
  }

  finish(): BuildPlan {
    return {
      globalArguments: this.#globalArguments,
      stages: this.#stages.map(({ stage }) => stage),
      errors: this.#errors,
    };
  }

  #fail({ line }: Instruction, message: string): void {
    this.#errors.push({ line, message });
  }

  #addGlobal(instruction: Instruction): void {
    for (const argument of instruction.args) {
      const { name, value: written } = splitArgument(argument);
      const value = this.#options.buildArguments?.[name] ?? this.#expandOne(written, this.#global);
      this.#globalArguments.push(value === undefined ? { name } : { name, value });
      if (value !== undefined) this.#global.set(name, value);
    }
  }

  #open(instruction: Instruction): void {
    if (this.#stages.length === mostStages) {
      this.#tooMany = true;
      this.#fail(instruction, `more than ${mostStages} stages`);
      return;
    }
    const [baseAsWritten = "", , as] = instruction.args;
    const expansion = expandWords(baseAsWritten, {
      escape: this.#escape,
      lookup: (name) => this.#global.get(name),
    });
    const failed = "error" in expansion;
    if (failed) this.#fail(instruction, expansion.error);
    const base = failed ? baseAsWritten : expansion.text;
    const platform = instruction.flags.find((flag) => flag.startsWith("--platform="))?.slice("--platform=".length);
    const parent = this.#byName.get(base.toLowerCase());
    const stage = {
      index: this.#stages.length,
      ...(as === undefined ? {} : { name: as.toLowerCase() }),
      from: instruction,
      baseAsWritten,
      base,
      unset: failed ? [] : expansion.unset,
      ...(platform === undefined ? {} : { platform }),
      ...(parent === undefined ? {} : { parent: parent.stage }),
      steps: [],
    };
    const open = {
      stage,
      environment: new Map(parent?.environment),
      declared: new Set(parent?.declared),
    };
    this.#stages.push(open);
    if (as !== undefined) this.#byName.set(as.toLowerCase(), open);
  }

  #addStep(open: OpenStage, instruction: Instruction): void {
    if (instruction.trigger !== undefined) {
      // Its variables have their values in the build that it is deferred to.
      open.stage.steps.push({
        instruction,
        values: [],
        unset: [],
        deferred: false,
      });
      open.stage.steps.push({
        instruction: instruction.trigger,
        values: instruction.trigger.args,
        unset: [],
        deferred: true,
      });
      return;
    }
    const step = this.#expandStep(open, instruction);
    open.stage.steps.push(step);
    if (instruction.keyword === "ENV") {
      for (let index = 0; index < step.values.length; index += 3)
        open.environment.set(step.values[index] ?? "", step.values[index + 1] ?? "");
    }
  }

  #declare(open: OpenStage, argument: string): void {
    const { name, value: own } = splitArgument(argument);
    open.declared.add(name);
    const value = this.#options.buildArguments?.[name] ?? own ?? this.#global.get(name);
    if (value !== undefined) open.environment.set(name, value);
  }

  #expandStep(open: OpenStage, instruction: Instruction): Step {
    const { keyword, args } = instruction;
    if (!expanding.has(keyword)) return { instruction, values: args, unset: [], deferred: false };
    const values: string[] = [];
    const unset = new Set<string>();
    let error: string | undefined;
    const lookup = (name: string): string | undefined => open.environment.get(name);
    for (const [index, argument] of args.entries()) {
      const isSign = (keyword === "ENV" || keyword === "LABEL") && index % 3 === 2;
      const expansion = isSign ? undefined : this.#expandWithin(argument, lookup);
      if (expansion === undefined || "error" in expansion) {
        values.push(argument);
        error ??= expansion?.error;
        continue;
      }
      for (const value of keyword === "EXPOSE" ? expansion.words : [expansion.text]) values.push(value);
      for (const name of expansion.unset) if (!open.declared.has(name) && !predefined.has(name)) unset.add(name);
      if (keyword === "ARG") this.#declare(open, expansion.text);
    }
    const failed = error === undefined ? {} : { error };
    return {
      instruction,
      values,
      unset: [...unset],
      ...failed,
      deferred: false,
    };
  }

  #expandWithin(text: string, lookup: (name: string) => string | undefined): Expansion | { readonly error: string } {
    if (this.#values > mostValues) return { error: "the values of variables in this file are too long" };
    const expansion = expandWords(text, { escape: this.#escape, lookup });
    if (!("error" in expansion)) this.#values += expansion.text.length;
    return expansion;
  }

  #expandOne(text: string | undefined, values: ReadonlyMap<string, string>): string | undefined {
    if (text === undefined) return undefined;
    const expansion = this.#expandWithin(text, (name) => values.get(name));
    return "error" in expansion ? text : expansion.text;
  }
}

const expanding = new Set(["ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]);

/** `name` or `name=value` of an `ARG`. */
export function splitArgument(argument: string): {
  readonly name: string;
  readonly value?: string;
} {
  const sign = argument.indexOf("=");
  return sign === -1 ? { name: argument } : { name: argument.slice(0, sign), value: argument.slice(sign + 1) };
}
