import { cisDocker, cwe } from "../mappings.ts";
import { credentialKinds, isFingerprint, namesSecret, namesSecretFile, secretShape } from "./credentials.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile } from "./read-dockerfile.ts";
import { type Stage, splitArgument } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

const remediation =
  "Give it to the step that needs it with RUN --mount=type=secret, or to the container when it starts, and renew what was in the file.";

const variable: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/secret-variable",
    title: "No secrets in build arguments, environment variables and commands",
    severity: "high",
    why: "Values of ARG, ENV and RUN are in the image's configuration and history, for everyone who can pull it.",
    remediation,
    mappings: [cisDocker("4.10"), cwe("798"), buildKit("SecretsUsedInArgOrEnv")],
  },
  {
    rule: "SecretsUsedInArgOrEnv",
    applies: ({ source }) => source.instructions.length > 0,
    *find(dockerfile) {
      for (const { instruction, stage, name, value } of variables(dockerfile)) {
        if (!namesSecret(name)) continue;
        const shown = value === undefined || value === "" ? {} : { value: secretShape(value) };
        yield {
          instruction,
          ...(stage && { stage }),
          evidence: [{ subject: `${instruction.keyword} ${name}`, ...shown }],
        };
      }
      for (const { step, stage, commands } of dockerfile.runs) {
        for (const { shell, line } of commands) {
          for (const { name, value } of [...shell.assignments, ...exported(shell.words)]) {
            if (!namesSecret(name) || value === "" || /[$`]/.test(value) || isFingerprint(name, value)) continue;
            const evidence = [{ subject: `RUN ${name}`, value: secretShape(value) }];
            yield { instruction: step.instruction, line, stage, evidence };
          }
        }
      }
    },
  },
);

const value: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/secret-value",
    title: "No credentials of a known form in the file",
    severity: "critical",
    why: "The text has the form of a real token or key, and is in the repository, the image's history and every registry that holds it.",
    remediation: `Revoke it first. ${remediation}`,
    mappings: [cisDocker("4.10"), cwe("798")],
  },
  {
    applies: ({ source }) => source.instructions.length > 0,
    find: ({ source }) =>
      source.instructions.flatMap((instruction) =>
        credentialKinds([instruction.text, ...instruction.heredocs.map(({ content }) => content)].join("\n")).map(
          (kind): DockerfileFinding => ({
            instruction,
            evidence: [{ subject: instruction.keyword, value: `${kind}, not shown` }],
          }),
        ),
      ),
  },
);

const file: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/secret-file",
    title: "No files with credentials are copied into the image",
    severity: "high",
    why: "A copied file stays in its layer, also when a later step deletes it.",
    remediation,
    mappings: [cisDocker("4.10"), cwe("312")],
  },
  {
    applies: ({ stages }) => stages.some(({ steps }) => steps.some(({ instruction }) => isCopy(instruction))),
    *find({ stages }) {
      for (const stage of stages) {
        for (const { instruction, values } of stage.steps) {
          if (!isCopy(instruction)) continue;
          const files = values.slice(0, -1).filter((source) => !source.startsWith("<<") && namesSecretFile(source));
          const target = values.at(-1) ?? "";
          if (files.length === 0 && !target.endsWith("/") && namesSecretFile(target)) files.push(target);
          if (files.length > 0)
            yield {
              instruction,
              stage,
              evidence: files.map((path) => ({
                subject: instruction.keyword,
                value: path,
              })),
            };
        }
      }
    },
  },
);

const password: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/password-set",
    title: "No passwords of accounts are set",
    severity: "medium",
    why: "A password in an image is the same for all its containers, and its history tells it to everyone.",
    remediation: "Give accounts in images no passwords; log in to containers through the engine.",
    mappings: [cwe("259")],
  },
  {
    applies: ({ runs }) => runs.length > 0,
    *find({ runs }) {
      for (const { step, stage, commands } of runs) {
        for (const { program, args, line } of commands) {
          const sets = program === "chpasswd" || (isAccountTool(program) && hasPassword(args));
          if (sets)
            yield {
              instruction: step.instruction,
              line,
              stage,
              evidence: [{ subject: "RUN", value: program }],
            };
        }
      }
    },
  },
);

/** Checks of secrets. */
export const secretChecks: readonly DockerfileCheck[] = [variable, value, file, password];

function isCopy({ keyword }: Instruction): boolean {
  return keyword === "COPY" || keyword === "ADD";
}

function isAccountTool(program: string): boolean {
  return program === "useradd" || program === "usermod" || program === "adduser";
}

function hasPassword(args: readonly string[]): boolean {
  return args.some((argument) => argument === "-p" || argument === "--password" || argument.startsWith("--password="));
}

function exported([program, ...words]: readonly string[]): {
  name: string;
  value: string;
}[] {
  if (program !== "export" && program !== "declare" && program !== "readonly") return [];
  return words.flatMap((word) => {
    const { name, value: set } = splitArgument(word);
    return set === undefined ? [] : [{ name, value: set }];
  });
}

interface Variable {
  readonly instruction: Instruction;
  readonly stage?: Stage;
  readonly name: string;
  readonly value?: string;
}

/** The variables of ARG and ENV; those of one ARG by name, as BuildKit reports them. */
function* variables({ source, stages }: ReadDockerfile): Iterable<Variable> {
  for (const instruction of source.instructions) {
    if (instruction.keyword === "FROM") break;
    if (instruction.keyword === "ARG")
      yield* instruction.args.map((argument) => ({
        instruction,
        ...splitArgument(argument),
      }));
  }
  for (const stage of stages) {
    for (const { instruction } of stage.steps) {
      if (instruction.keyword === "ARG") {
        yield* instruction.args.map((argument) => ({
          instruction,
          stage,
          ...splitArgument(argument),
        }));
      } else if (instruction.keyword === "ENV") {
        for (let index = 0; index < instruction.args.length; index += 3)
          yield {
            instruction,
            stage,
            name: instruction.args[index] ?? "",
            value: instruction.args[index + 1] ?? "",
          };
      }
    }
  }
}
