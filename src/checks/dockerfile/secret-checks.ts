import { cisDocker, cwe } from "../mappings.ts";
import { credentialKinds, isFingerprint, namesSecret, namesSecretFile, secretShape } from "./credentials.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile } from "./read-dockerfile.ts";
import { type Stage, splitArgument } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

const remediation = "Pass the secret with RUN --mount=type=secret or when the container starts, and rotate it.";

const variable: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/secret-variable",
    title: { pass: "ARG, ENV and RUN contain no secret", fail: "ARG, ENV or RUN contains a secret" },
    severity: "high",
    why: "Everyone who can pull the image can read these values in its configuration and history.",
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
    title: { pass: "Dockerfile contains no credential", fail: "Dockerfile contains a credential" },
    severity: "critical",
    why: "The text has the format of a real token or key. Everyone with access to the repository or the image can read it.",
    remediation: "Revoke the credential. Pass the new one with RUN --mount=type=secret or when the container starts.",
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
    title: { pass: "Credential files are not copied into the image", fail: "Credential file is copied into the image" },
    severity: "high",
    why: "A copied file stays in its layer, even if a later step deletes it.",
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
    title: { pass: "Build steps set no account password", fail: "Build step sets an account password" },
    severity: "medium",
    why: "All containers of the image share the password, and the image history contains it.",
    remediation: "Do not set passwords in images; use docker exec to enter a container.",
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
