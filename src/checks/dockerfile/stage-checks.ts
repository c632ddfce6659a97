import { isExperimental } from "./buildkit-skips.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import { type Stage, splitArgument } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";
import { expandWords } from "./syntax/expand-words.ts";

const reserved = new Set(["context", "scratch"]);

const valid: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/valid",
    title: { pass: "Dockerfile has no syntax error", fail: "Dockerfile has a syntax error" },
    severity: "high",
    why: "The file cannot be built, and checks of the instructions after the error can be wrong.",
    remediation: "Correct the instruction.",
    mappings: [],
  },
  {
    applies: () => true,
    *find({ source, stages, errors }) {
      const inSteps = stages.flatMap(({ steps }) =>
        steps.flatMap(({ error, instruction }) =>
          error === undefined ? [] : [{ line: instruction.line, message: error }],
        ),
      );
      for (const { line, message } of [...source.errors, ...errors, ...inSteps])
        yield {
          line,
          evidence: [{ subject: "line", value: String(line) }],
          reason: message,
        };
    },
  },
);

const unique: DockerfileCheck = stageCheck(
  {
    id: "dockerfile/stage-name-unique",
    title: { pass: "Stage names are unique", fail: "Two stages have the same name" },
    severity: "high",
    why: "Later instructions use the last stage with that name, which can be the wrong one.",
    remediation: "Give each stage a different name.",
    mappings: [buildKit("DuplicateStageName")],
  },
  {
    rule: "DuplicateStageName",
    find: (stage, { stages }) => {
      const first = stages.find(({ name }) => name !== undefined && name === stage.name);
      return first === undefined || first === stage ? undefined : `also used on line ${first.from.line}`;
    },
  },
);

const notReserved: DockerfileCheck = stageCheck(
  {
    id: "dockerfile/stage-name-reserved",
    title: { pass: "Stage names are not reserved", fail: "Stage name is reserved" },
    severity: "medium",
    why: "scratch and context have a special meaning, so other instructions cannot refer to the stage.",
    remediation: "Rename the stage.",
    mappings: [buildKit("ReservedStageName")],
  },
  {
    rule: "ReservedStageName",
    find: ({ name }) => (name !== undefined && reserved.has(name) ? "the name is reserved" : undefined),
  },
);

const lowerCase: DockerfileCheck = stageCheck(
  {
    id: "dockerfile/stage-name-case",
    title: { pass: "Stage names are in lower case", fail: "Stage name is not in lower case" },
    severity: "negligible",
    why: "Stage names are case-insensitive; lower case makes them easy to distinguish from instructions.",
    remediation: "Write the name in lower case.",
    mappings: [buildKit("StageNameCasing")],
  },
  {
    rule: "StageNameCasing",
    find: ({ from, name }) => (from.args[2] === name ? undefined : "the name contains upper-case letters"),
  },
);

const asCase: DockerfileCheck = stageCheck(
  {
    id: "dockerfile/as-case",
    title: { pass: "AS and FROM have the same case", fail: "AS and FROM differ in case" },
    severity: "negligible",
    why: "Mixed case makes the instruction harder to read.",
    remediation: "Write FROM … AS, or from … as.",
    mappings: [buildKit("FromAsCasing")],
  },
  {
    rule: "FromAsCasing",
    find: ({ from: { word, args } }) => {
      const as = args[1];
      if (as === undefined || !isOneCase(word)) return undefined;
      const expected = word === word.toLowerCase() ? "as" : "AS";
      return as === expected ? undefined : `${as} is used with ${word}`;
    },
  },
);

const description: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/description-comment",
    title: {
      pass: "Comments above stages and build arguments describe them",
      fail: "Comment above a stage or build argument does not start with its name",
    },
    severity: "negligible",
    why: "BuildKit shows the comment as a description if it starts with the name.",
    remediation: "Start the comment with the name, or separate it from the instruction with an empty comment line.",
    mappings: [buildKit("InvalidDefinitionDescription")],
  },
  {
    rule: "InvalidDefinitionDescription",
    applies: (dockerfile) => isExperimental("InvalidDefinitionDescription", dockerfile),
    *find(dockerfile) {
      if (!isExperimental("InvalidDefinitionDescription", dockerfile)) return;
      for (const instruction of dockerfile.source.instructions) {
        const names = definedNames(instruction);
        const comment = instruction.comments.at(-1);
        if (names.length === 0 || comment === undefined || names.includes(comment.split(" ")[0] ?? "")) continue;
        yield {
          instruction,
          evidence: [{ subject: "comment", value: comment, expected: `# ${names[0]} …` }],
        };
      }
    },
  },
);

const undefinedVariable: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/variable-declared",
    title: { pass: "Instructions use only declared variables", fail: "Instruction uses an undeclared variable" },
    severity: "low",
    why: "An undeclared variable is empty, so paths and values are wrong.",
    remediation: "Declare the variable with ARG or ENV in the same stage, or correct its name.",
    mappings: [buildKit("UndefinedVar")],
  },
  {
    rule: "UndefinedVar",
    applies: ({ stages }) => stages.some(hasKnownEnvironment),
    *find({ stages }) {
      for (const stage of stages.filter(hasKnownEnvironment)) {
        for (const { instruction, unset } of stage.steps)
          for (const name of unset)
            yield {
              instruction,
              stage,
              evidence: [{ subject: "variable", value: name }],
            };
      }
    },
  },
);

const selfReference: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/variable-self-reference",
    title: { pass: "ENV does not use a variable that it sets", fail: "ENV uses a variable that it sets" },
    severity: "medium",
    why: "All variables of one ENV are set at once, so the reference has the previous value.",
    remediation: "Set the variable in a separate ENV before this one.",
    mappings: [],
  },
  {
    applies: ({ source }) => source.instructions.some(({ keyword }) => keyword === "ENV"),
    *find({ stages }) {
      for (const stage of stages) {
        const before = new Set<string>();
        for (const { instruction } of stage.steps) {
          if (instruction.keyword === "ARG")
            for (const argument of instruction.args) before.add(splitArgument(argument).name);
          if (instruction.keyword !== "ENV") continue;
          const names = new Set(instruction.args.filter((_, index) => index % 3 === 0));
          const used = usedTogether(instruction, names).find((name) => !before.has(name));
          if (used !== undefined) yield { instruction, stage, evidence: [{ subject: "ENV", value: used }] };
          for (const name of names) before.add(name);
        }
      }
    },
  },
);

const repeated: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/repeated-instruction",
    title: {
      pass: "Each stage has at most one CMD, ENTRYPOINT and HEALTHCHECK",
      fail: "Stage has several CMD, ENTRYPOINT or HEALTHCHECK",
    },
    severity: "medium",
    why: "Only the last one is used; the others are misleading.",
    remediation: "Remove all but the last.",
    mappings: [buildKit("MultipleInstructionsDisallowed")],
  },
  {
    rule: "MultipleInstructionsDisallowed",
    applies: ({ stages }) => stages.length > 0,
    *find({ stages }) {
      for (const stage of stages) {
        const before = new Map<string, Instruction>();
        for (const { instruction, deferred } of stage.steps) {
          const { keyword } = instruction;
          if (deferred || !["CMD", "ENTRYPOINT", "HEALTHCHECK"].includes(keyword)) continue;
          const earlier = before.get(keyword);
          before.set(keyword, instruction);
          if (earlier === undefined) continue;
          const evidence = [{ subject: keyword, value: `replaced on line ${instruction.line}` }];
          yield { instruction: earlier, stage, evidence };
        }
      }
    },
  },
);

/** Checks of stages, of what is declared in them, and of the file as a whole. */
export const stageChecks: readonly DockerfileCheck[] = [
  valid,
  unique,
  notReserved,
  lowerCase,
  asCase,
  description,
  undefinedVariable,
  selfReference,
  repeated,
];

function stageCheck(
  about: Parameters<typeof dockerfileCheck>[0],
  work: {
    readonly rule: string;
    readonly find: (stage: Stage, dockerfile: ReadDockerfile) => string | undefined;
  },
): DockerfileCheck {
  return dockerfileCheck(about, {
    rule: work.rule,
    applies: ({ stages }) => stages.some(({ name }) => name !== undefined),
    find: (dockerfile) =>
      dockerfile.stages.flatMap((stage): DockerfileFinding[] => {
        const reason = work.find(stage, dockerfile);
        const evidence = [{ subject: "AS", value: stage.from.args[2] ?? "" }];
        return reason === undefined ? [] : [{ instruction: stage.from, stage, evidence, reason }];
      }),
  });
}

/** Variables of an ENV that the value of another one of it uses. */
function usedTogether({ args }: Instruction, names: ReadonlySet<string>): string[] {
  if (names.size < 2) return [];
  return args.flatMap((value, index) => {
    if (index % 3 !== 1) return [];
    const expansion = expandWords(value);
    const used = "error" in expansion ? [] : expansion.unset;
    return used.filter((name) => names.has(name) && name !== args[index - 1]);
  });
}

function isOneCase(word: string): boolean {
  return word === word.toLowerCase() || word === word.toUpperCase();
}

/** Nothing is set before the first instruction only where the first stage is empty. */
function hasKnownEnvironment(stage: Stage): boolean {
  return ancestry(stage).at(-1)?.base === "scratch";
}

function definedNames({ keyword, args }: Instruction): string[] {
  if (keyword === "ARG") return args.map((argument) => splitArgument(argument).name);
  return keyword === "FROM" && args[2] !== undefined ? [args[2].toLowerCase()] : [];
}
