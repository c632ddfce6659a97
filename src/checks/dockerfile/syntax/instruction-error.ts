import type { Instruction } from "./dockerfile.ts";

const knownInstructions: ReadonlySet<string> = new Set([
  "ADD",
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "RUN",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
]);
// Flags that take a value, and those that stand alone or with true or false. What an instruction is not listed with, it
// refuses.
const valueFlags: Readonly<Record<string, readonly string[]>> = {
  ADD: ["chown", "chmod", "checksum", "exclude"],
  COPY: ["chown", "chmod", "from", "exclude"],
  FROM: ["platform"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
  RUN: ["mount", "network", "security", "device"],
};
const switchFlags: Readonly<Record<string, readonly string[]>> = {
  ADD: ["link", "keep-git-dir", "unpack"],
  COPY: ["link", "parents"],
};
const repeatable = new Set(["exclude", "mount", "device"]);
const withoutFlagCheck = new Set(["ARG", "STOPSIGNAL"]);
const stageName = /^[a-z][a-z0-9-_.]*$/;

/** Why BuildKit refuses an instruction by itself, as one clause; `undefined` when it takes it. */
export function instructionError(instruction: Instruction): string | undefined {
  const { keyword, args } = instruction;
  if (!knownInstructions.has(keyword)) return `unknown instruction ${shown(instruction.word)}`;
  const inner = ownError(instruction);
  if (inner !== undefined) return inner;
  const checksFlags = !withoutFlagCheck.has(keyword) && !(keyword === "HEALTHCHECK" && isNone(args[0]));
  return checksFlags ? flagError(instruction) : undefined;
}

function ownError(instruction: Instruction): string | undefined {
  const { keyword, args } = instruction;
  switch (keyword) {
    case "ADD":
    case "COPY":
      return args.length < 2 ? `${keyword} needs a source and a destination` : undefined;
    case "ARG":
      if (args.some((argument) => argument.startsWith("="))) return "ARG needs a name before =";
      return needsOne(instruction);
    case "ENV":
    case "LABEL":
      if (args.some((argument, index) => index % 3 === 0 && argument === "")) return `${keyword} needs a name before =`;
      return needsOne(instruction);
    case "EXPOSE":
      return needsOne(instruction);
    case "VOLUME":
      return args.some((argument) => argument.trim() === "") ? "VOLUME needs a path" : needsOne(instruction);
    case "MAINTAINER":
    case "STOPSIGNAL":
    case "USER":
    case "WORKDIR":
      return args.length === 1 ? undefined : `${keyword} needs one argument`;
    case "FROM":
      return fromError(args);
    case "HEALTHCHECK":
      return healthCheckError(args);
    case "SHELL":
      return instruction.json ? needsOne(instruction) : "SHELL needs a JSON array";
    case "ONBUILD":
      return onBuildError(instruction);
    default:
      return undefined;
  }
}

function needsOne({ keyword, args }: Instruction): string | undefined {
  return args.length === 0 ? `${keyword} needs an argument` : undefined;
}

function fromError(args: readonly string[]): string | undefined {
  if (args.length !== 1 && !(args.length === 3 && args[1]?.toLowerCase() === "as"))
    return "FROM needs an image, or an image, AS and a name";
  const name = args[2];
  return name === undefined || stageName.test(name.toLowerCase())
    ? undefined
    : `${shown(name)} is not a valid stage name`;
}

function healthCheckError([kind, ...command]: readonly string[]): string | undefined {
  if (kind === undefined) return "HEALTHCHECK needs an argument";
  if (isNone(kind)) return command.length === 0 ? undefined : "HEALTHCHECK NONE takes no arguments";
  if (kind.toUpperCase() !== "CMD") return "HEALTHCHECK needs CMD or NONE";
  return command.length === 0 ? "HEALTHCHECK CMD needs a command" : undefined;
}

function isNone(kind: string | undefined): boolean {
  return kind?.toUpperCase() === "NONE";
}

function onBuildError({ trigger }: Instruction): string | undefined {
  if (trigger === undefined) return "ONBUILD needs an instruction";
  return ["ONBUILD", "FROM", "MAINTAINER"].includes(trigger.keyword)
    ? `ONBUILD cannot defer ${trigger.keyword}`
    : undefined;
}

function flagError({ keyword, flags }: Instruction): string | undefined {
  const seen = new Set<string>();
  for (const flag of flags) {
    const sign = flag.indexOf("=");
    const name = flag.slice(2, sign === -1 ? undefined : sign);
    const value = sign === -1 ? undefined : flag.slice(sign + 1);
    const takesValue = valueFlags[keyword]?.includes(name) === true;
    if (!takesValue && switchFlags[keyword]?.includes(name) !== true)
      return `${keyword} has no flag ${shown(`--${name}`)}`;
    if (seen.has(name) && !repeatable.has(name)) return `the flag --${name} may be used only once`;
    if (takesValue && value === undefined) return `the flag --${name} needs a value`;
    if (!takesValue && value !== undefined && !/^(?:true|false)$/i.test(value))
      return `the flag --${name} needs true or false`;
    seen.add(name);
  }
  return undefined;
}

/** What stands where it is not understood may be a secret: only what looks like a name is shown. */
function shown(text: string): string {
  return /^[A-Za-z0-9_.-]{1,24}$/.test(text) ? JSON.stringify(text) : "of that name";
}
