import { trimEnd } from "../../model/text/trim-end.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile } from "./read-dockerfile.ts";
import { commandCheck, runCheck } from "./run-check.ts";
import { isShell, type RunCommand } from "./shell/run-commands.ts";
import type { ShellCommand } from "./shell/split-shell.ts";
import { disablesTls, signatureWords, tlsWords } from "./shell/weakened-checks.ts";
import { type Stage, type Step, splitArgument } from "./syntax/build-stages.ts";

const tls: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/tls-verification",
    title: { pass: "TLS certificates are verified", fail: "TLS certificate verification is disabled" },
    severity: "high",
    why: "An attacker on the network can replace what the build downloads. As a variable, the setting also applies to every program in the container.",
    remediation: "Remove the option, and add the missing CA certificate to the image.",
    mappings: [cwe("295")],
  },
  {
    applies: hasSteps,
    *find(dockerfile) {
      for (const { step, stage, name } of weakVariables(dockerfile)) {
        const { instruction } = step;
        yield {
          instruction,
          stage,
          evidence: [{ subject: instruction.keyword, value: name }],
        };
      }
      for (const { step, stage, commands } of dockerfile.runs) {
        for (const command of commands) {
          const { line, shell } = command;
          const name = [...shell.assignments, ...setBy(shell.words)].find(disablesTls)?.name;
          const value = tlsWords(command) ?? name;
          if (value !== undefined)
            yield {
              instruction: step.instruction,
              line,
              stage,
              evidence: [{ subject: "RUN", value }],
            };
        }
      }
    },
  },
);

const signatures: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/package-signature",
    title: { pass: "Package signatures are verified", fail: "Package signature verification is disabled" },
    severity: "high",
    why: "A package without a valid signature can come from an attacker.",
    remediation: "Remove the option, and install the signing key of the repository.",
    mappings: [cisDocker("4.11"), cwe("347")],
  },
  signatureWords,
);

const downloaders = new Set(["curl", "wget", "fetch", "aria2c", "http", "lynx"]);
const interpreters = new Set(["python", "perl", "ruby", "node", "php", "lua", "pwsh", "source", ".", "eval"]);

const piped: DockerfileCheck = runCheck(
  {
    id: "dockerfile/piped-download",
    title: { pass: "Downloads are not piped into a shell", fail: "Download is piped into a shell" },
    severity: "high",
    why: "An attacker who controls the server or the network can run commands in the build. An interrupted download runs in part.",
    remediation: "Download to a file, verify its checksum or signature, then run it.",
    mappings: [cisDocker("4.11"), cwe("494")],
  },
  function* ({ commands }) {
    const downloads = downloadsRead(commands);
    for (const command of commands) {
      const source = downloads.get(command.shell);
      if (source !== undefined)
        yield { command, evidence: [{ subject: "RUN", value: `${source} … | ${command.program}` }] };
    }
  },
);

const plain: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/plain-download",
    title: { pass: "Downloads are encrypted", fail: "Download is not encrypted" },
    severity: "medium",
    why: "An attacker on the network can read and replace downloads over http, ftp and git addresses.",
    remediation: "Use https, and verify a checksum.",
    mappings: [cwe("319")],
  },
  {
    applies: hasSteps,
    *find({ runs, stages }) {
      for (const { step, stage, commands } of runs) {
        for (const { program, args, line } of commands) {
          if (!downloaders.has(program) && !plainPrograms.has(program)) continue;
          const address = args.map(plainHost).find((host) => host !== undefined);
          if (address === undefined) continue;
          yield {
            instruction: step.instruction,
            line,
            stage,
            evidence: [{ subject: "RUN", value: `${program} ${address}` }],
          };
        }
      }
      for (const stage of stages) {
        for (const { instruction, values } of stage.steps) {
          if (instruction.keyword !== "ADD" || instruction.flags.some((flag) => flag.startsWith("--checksum=")))
            continue;
          const address = values.map(plainHost).find((host) => host !== undefined);
          if (address !== undefined)
            yield {
              instruction,
              stage,
              evidence: [{ subject: "ADD", value: address }],
            };
        }
      }
    },
  },
);
const plainPrograms = new Set(["git", "pip", "pip3", "npm", "yarn", "gem", "svn"]);

const twoTools: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/download-tool",
    title: { pass: "Stage uses only one of wget and curl", fail: "Stage uses both wget and curl" },
    severity: "negligible",
    why: "Each additional tool increases the attack surface and needs updates.",
    remediation: "Use one of the two.",
    mappings: [cisDocker("4.3")],
  },
  {
    applies: hasSteps,
    *find({ runs }) {
      const tools = new Map<Stage, Map<string, DockerfileFinding>>();
      for (const { step, stage, commands } of runs) {
        const used = tools.get(stage) ?? new Map<string, DockerfileFinding>();
        tools.set(stage, used);
        for (const { program, line } of commands) {
          if ((program !== "curl" && program !== "wget") || used.has(program)) continue;
          used.set(program, {
            instruction: step.instruction,
            line,
            stage,
            evidence: [{ subject: "RUN", value: program }],
          });
        }
      }
      for (const used of tools.values()) {
        const second = [...used.values()][1];
        if (second !== undefined) yield second;
      }
    },
  },
);

/** Checks of what is downloaded. */
export const downloadChecks: readonly DockerfileCheck[] = [tls, signatures, piped, plain, twoTools];

function hasSteps({ stages }: ReadDockerfile): boolean {
  return stages.some(({ steps }) => steps.length > 0);
}

/** ENV and ARG; `ARG NAME VALUE` means a value too, though BuildKit reads two names. */
function* weakVariables({ stages }: ReadDockerfile): Iterable<{ stage: Stage; step: Step; name: string }> {
  for (const stage of stages) {
    for (const step of stage.steps) {
      const { keyword } = step.instruction;
      if (keyword === "ENV") {
        for (let index = 0; index < step.values.length; index += 3) {
          const name = step.values[index] ?? "";
          if (disablesTls({ name, value: step.values[index + 1] ?? "" })) yield { stage, step, name };
        }
      } else if (keyword === "ARG") {
        for (const [index, argument] of step.values.entries()) {
          const { name, value = step.values[index + 1] } = splitArgument(argument);
          if (value !== undefined && disablesTls({ name, value })) yield { stage, step, name };
        }
      }
    }
  }
}

/** Variables that a command of the shell, or `env`, sets. */
function setBy([program, ...words]: readonly string[]): {
  name: string;
  value: string;
}[] {
  if (program === undefined || !["export", "declare", "readonly", "env", "sudo"].includes(program)) return [];
  return words.flatMap((word) => {
    const { name, value } = splitArgument(word);
    return value === undefined ? [] : [{ name, value }];
  });
}

/** The shells and interpreters that execute a download, each with the program that fetches it. */
function downloadsRead(commands: readonly RunCommand[]): Map<ShellCommand, string> {
  const outputs = new Map<ShellCommand, string>();
  const executed = new Map<ShellCommand, string>();
  for (const command of commands) {
    const { program, shell } = command;
    const input = shell.pipedFrom === undefined ? undefined : outputs.get(shell.pipedFrom);
    const output = downloaders.has(program) ? program : input;
    if (output !== undefined) outputs.set(shell, output);
    if (input !== undefined && runsInput(command)) executed.set(shell, input);
  }
  // Substitutions follow the command that they are within.
  const substituted = new Map<ShellCommand, string>();
  for (const { program, shell } of commands.toReversed()) {
    const inner = substituted.get(shell);
    const output = outputs.get(shell) ?? inner;
    if (shell.within !== undefined && output !== undefined) substituted.set(shell.within, output);
    if (inner !== undefined && (isShell(program) || interpreters.has(program))) executed.set(shell, inner);
  }
  return executed;
}

/** True for a shell or an interpreter without a file of its own to read. */
function runsInput({ program, args }: RunCommand): boolean {
  const name = trimEnd(program, "0123456789.");
  if (!isShell(program) && !interpreters.has(name)) return false;
  return (
    args.every((word) => word.startsWith("-") || word === "/dev/stdin") || args.includes("-s") || args.includes("-")
  );
}

/** The scheme and host of an address that is not encrypted; this machine's own are left out. */
function plainHost(word: string): string | undefined {
  const match = /(?:^|[=+])((?:http|ftp|git):\/\/)(?:[^/@\s]*@)?(\[[0-9a-fA-F:]+\]|[^/:\s]+)/.exec(word.slice(0, 4000));
  const [, scheme, host = ""] = match ?? [];
  if (scheme === undefined || ["localhost", "127.0.0.1", "[::1]"].includes(host) || host.startsWith("$"))
    return undefined;
  return `${scheme}${host}`;
}
