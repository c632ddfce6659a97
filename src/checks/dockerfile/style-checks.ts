import { cwe } from "../mappings.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

const hasInstructions = ({ source }: ReadDockerfile): boolean => source.instructions.length > 0;

const continuation: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/empty-continuation",
    title: "No empty lines within an instruction",
    severity: "negligible",
    why: "BuildKit will take an empty line as the end of the instruction one day.",
    remediation: "Remove the empty line, or write a comment there.",
    mappings: [buildKit("NoEmptyContinuation")],
  },
  {
    rule: "NoEmptyContinuation",
    applies: hasInstructions,
    find: ({ source }) =>
      source.emptyContinuations.map((line) => ({
        line,
        evidence: [{ subject: "line", value: "continued empty" }],
      })),
  },
);

const keywordCase: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/keyword-case",
    title: "Keywords are written in one case",
    severity: "negligible",
    why: "A keyword in another case than the rest is easily overlooked.",
    remediation: "Write all keywords in upper case.",
    mappings: [buildKit("ConsistentInstructionCasing")],
  },
  {
    rule: "ConsistentInstructionCasing",
    applies: hasInstructions,
    *find({ stages }) {
      const instructions = stages.flatMap(({ from, steps }) => [from, ...steps.filter(isOwn).map(instructionOf)]);
      const lower = instructions.filter(({ word }) => word === word.toLowerCase()).length;
      const upper = instructions.filter(({ word }) => word === word.toUpperCase()).length;
      for (const instruction of instructions) {
        const expected = lower > upper ? instruction.word.toLowerCase() : instruction.word.toUpperCase();
        if (instruction.word !== expected)
          yield {
            instruction,
            evidence: [{ subject: "keyword", value: instruction.word, expected }],
            edit: { from: instruction.word, to: expected },
          };
      }
    },
  },
);

const jsonForm: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/exec-form",
    title: "CMD and ENTRYPOINT are JSON arrays",
    severity: "low",
    why: "Else a shell stands between the engine and the program, and the signal to stop does not reach the program.",
    remediation: 'Write CMD ["program", "argument"], or set the shell that you want with SHELL.',
    mappings: [buildKit("JSONArgsRecommended")],
  },
  {
    rule: "JSONArgsRecommended",
    applies: ({ stages }) => stages.some(({ steps }) => steps.some(({ instruction }) => isCommand(instruction))),
    *find({ stages }) {
      const withShell = new Set<Stage>();
      for (const stage of stages) {
        let hasShell = ancestry(stage.parent).some((below) => withShell.has(below));
        for (const { instruction, deferred } of stage.steps) {
          if (deferred) continue;
          if (instruction.keyword === "SHELL") hasShell = true;
          if (!isCommand(instruction) || instruction.json || hasShell) continue;
          const evidence = [
            {
              subject: instruction.keyword,
              value: "a text",
              expected: "a JSON array",
            },
          ];
          yield { instruction, stage, evidence };
        }
        if (hasShell) withShell.add(stage);
      }
    },
  },
);

const maintainer: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/maintainer",
    title: "MAINTAINER is not used",
    severity: "low",
    why: "The instruction is deprecated, and no tool reads the field any more.",
    remediation: "Use a label: LABEL org.opencontainers.image.authors=….",
    mappings: [buildKit("MaintainerDeprecated"), cwe("477")],
  },
  {
    rule: "MaintainerDeprecated",
    applies: hasInstructions,
    find: ({ source }) =>
      source.instructions
        .filter(({ keyword }) => keyword === "MAINTAINER")
        .map((instruction): DockerfileFinding => {
          const { line, endLine, text, args } = instruction;
          const to = `LABEL org.opencontainers.image.authors=${JSON.stringify(args[0] ?? "")}`;
          const edit = line === endLine ? { edit: { from: text.trim(), to } } : {};
          return { instruction, evidence: [{ subject: "MAINTAINER", expected: to }], ...edit };
        }),
  },
);

const legacyForm: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/key-value-form",
    title: "ENV and LABEL have the form name=value",
    severity: "negligible",
    why: "In the old form everything up to the end of the line is the value, also what looks like a second variable.",
    remediation: "Write ENV name=value.",
    mappings: [buildKit("LegacyKeyValueFormat")],
  },
  {
    rule: "LegacyKeyValueFormat",
    applies: hasInstructions,
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        stage.steps
          .map(instructionOf)
          .filter(({ keyword, args }) => (keyword === "ENV" || keyword === "LABEL") && args[2] === "")
          .map((instruction): DockerfileFinding => {
            const name = instruction.args[0] ?? "";
            const evidence = [
              {
                subject: instruction.keyword,
                value: name,
                expected: `${name}=…`,
              },
            ];
            return { instruction, stage, evidence };
          }),
      ),
  },
);

const labelKey: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/label-name",
    title: "Names of labels are well formed",
    severity: "negligible",
    why: "Tools find labels by names in lower case with dots; the names of Docker itself are reserved.",
    remediation: "Use letters in lower case, digits, and single dots or dashes between them.",
    mappings: [],
  },
  {
    applies: ({ source }) => source.instructions.some(({ keyword }) => keyword === "LABEL"),
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        labelsOf(stage)
          .filter(({ name }) => !isLabelName(name))
          .map(({ instruction, name }) => ({
            instruction,
            stage,
            evidence: [{ subject: "LABEL", value: name }],
          })),
      ),
  },
);

const labelRequired: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/label-required",
    title: "The image has the required labels",
    severity: "low",
    why: "Whoever finds the image later must be able to tell whose it is and what it was built from.",
    remediation: "Add the label to the stage that becomes the image.",
    mappings: [],
  },
  {
    applies: ({ images, settings }) => settings.requiredLabels !== undefined && images.length > 0,
    *find({ images, settings: { requiredLabels = [] } }) {
      for (const image of images) {
        const names = new Set(ancestry(image).flatMap((stage) => labelsOf(stage).map(({ name }) => name)));
        for (const name of requiredLabels)
          if (!names.has(name))
            yield {
              instruction: image.from,
              stage: image,
              evidence: [{ subject: "LABEL", expected: name }],
            };
      }
    },
  },
);

/** Checks of the form of instructions. */
export const styleChecks: readonly DockerfileCheck[] = [
  continuation,
  keywordCase,
  jsonForm,
  maintainer,
  legacyForm,
  labelKey,
  labelRequired,
];

function isOwn({ deferred }: { readonly deferred: boolean }): boolean {
  return !deferred;
}

function instructionOf({ instruction }: { readonly instruction: Instruction }): Instruction {
  return instruction;
}

function isCommand({ keyword }: Instruction): boolean {
  return keyword === "CMD" || keyword === "ENTRYPOINT";
}

function isLabelName(name: string): boolean {
  if (/^(?:com\.docker|io\.docker|org\.dockerproject)\./.test(name)) return false;
  return /^[a-z][a-z0-9._/-]*$/.test(name) && !/[._/-]{2}|[._/-]$/.test(name);
}

function labelsOf(stage: Stage): { instruction: Instruction; name: string }[] {
  return stage.steps.flatMap(({ instruction, values }) =>
    instruction.keyword === "LABEL"
      ? values.filter((_, index) => index % 3 === 0).map((name) => ({ instruction, name }))
      : [],
  );
}
