import { type IgnoreFile, readIgnoreFile } from "./ignore-file.ts";
import { imageStages } from "./image-stages.ts";
import { type RunCommands, runCommands } from "./shell/run-commands.ts";
import type { ScriptComments } from "./shellcheck-check.ts";
import { type BuildPlan, buildStages, type Stage, type Step } from "./syntax/build-stages.ts";
import type { Dockerfile } from "./syntax/dockerfile.ts";
import { parseDockerfile } from "./syntax/parse-dockerfile.ts";

/** What the checks of Dockerfiles look at. */
export interface DockerfileFacts {
  readonly dockerfile: ReadDockerfile;
  /** What ShellCheck says about each script of `scriptsForShellcheck`, in that order. */
  readonly scriptComments?: readonly ScriptComments[];
}

/** A `RUN`, also one that `ONBUILD` defers, with its commands. */
export interface RunStep extends RunCommands {
  readonly stage: Stage;
  readonly step: Step;
  /** What `SHELL` set before it, in this stage or in those below. */
  readonly shell?: readonly string[];
}

/** A Dockerfile in every form that a check may want. */
export interface ReadDockerfile extends BuildPlan {
  /** As given, for locations. */
  readonly path: string;
  readonly source: Dockerfile;
  readonly runs: readonly RunStep[];
  /** The stages that may become an image: see {@link imageStages}. */
  readonly images: readonly Stage[];
  /** The stages of `images` and those that they build on: what they hold ships. */
  readonly shipped: ReadonlySet<Stage>;
  readonly ignoreFile?: IgnoreFile;
  readonly settings: DockerfileSettings;
}

/** What the user may tell about a Dockerfile. */
export interface DockerfileSettings {
  /** As `--build-arg` gives them. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** `os/architecture`; `linux/amd64` without it. */
  readonly platform?: string;
  /** The stage that is built, as `--target` names it; without it every stage that no other stage uses. */
  readonly target?: string;
  /** Registries that base images may come from, `docker.io` for Docker Hub; any without it. */
  readonly allowedRegistries?: readonly string[];
  /** Names of labels that an image must have. */
  readonly requiredLabels?: readonly string[];
}

/** The text of a Dockerfile and what lies beside it. */
export interface DockerfileInput {
  readonly path: string;
  readonly text: string;
  /** The text of the `.dockerignore` that belongs to it. */
  readonly ignoreText?: string;
  readonly settings?: DockerfileSettings;
}

/**
 * Reads a Dockerfile for the checks. Never throws: what cannot be read is in `errors` of the result or of its `source`.
 */
export function readDockerfile({ path, text, ignoreText, settings = {} }: DockerfileInput): ReadDockerfile {
  const source = parseDockerfile(text);
  const plan = buildStages(source, settings);
  const images = imageStages(plan.stages, settings.target);
  return {
    ...plan,
    path,
    source,
    runs: runSteps(plan.stages),
    images,
    shipped: new Set(images.flatMap(ancestry)),
    ...(ignoreText === undefined ? {} : { ignoreFile: readIgnoreFile(ignoreText) }),
    settings,
  };
}

/** A stage and those that it builds on, itself first. */
export function ancestry(stage: Stage | undefined): Stage[] {
  const stages: Stage[] = [];
  for (let next = stage; next !== undefined; next = next.parent) stages.push(next);
  return stages;
}

function runSteps(stages: readonly Stage[]): RunStep[] {
  const lastShell = new Map<Stage, readonly string[]>();
  const runs: RunStep[] = [];
  for (const stage of stages) {
    let shell = stage.parent === undefined ? undefined : lastShell.get(stage.parent);
    for (const step of stage.steps) {
      if (step.instruction.keyword === "SHELL" && !step.deferred) shell = step.instruction.args;
      if (step.instruction.keyword !== "RUN") continue;
      const set = shell === undefined ? {} : { shell };
      runs.push({
        stage,
        step,
        ...set,
        ...runCommands(step.instruction, shell),
      });
    }
    if (shell !== undefined) lastShell.set(stage, shell);
  }
  return runs;
}
