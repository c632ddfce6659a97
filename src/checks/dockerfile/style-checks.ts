import { cwe } from "../mappings.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

const hasInstructions = ({ source }: ReadDockerfile): boolean => source.instructions.length > 0;

const continuation: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/empty-continuation",
    title: { pass: "Instructions contain no empty lines", fail: "Instruction contains an empty line" },
    severity: "negligible",
    why: "A future version of BuildKit will end the instruction at the empty line.",
    remediation: "Remove the empty line, or replace it with a comment.",
    mappings: [buildKit("NoEmptyContinuation")],
  },
  {
    rule: "NoEmptyContinuation",
    applies: hasInstructions,
    find: ({ source }) =>
      source.emptyContinuations.map((line) => ({
        line,
        evidence: [{ subject: "line", value: "empty" }],
      })),
  },
);

const keywordCase: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/keyword-case",
    title: { pass: "All keywords have the same case", fail: "Keyword differs in case from the others" },
    severity: "negligible",
    why: "A keyword in a different case is easily overlooked.",
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
    title: { pass: "CMD and ENTRYPOINT use the exec form", fail: "CMD or ENTRYPOINT uses the shell form" },
    severity: "low",
    why: "In the shell form, the program runs below a shell and does not receive stop signals.",
    remediation: 'Use CMD ["program", "argument"], or set the shell with SHELL.',
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
              value: "shell form",
              expected: "exec form",
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
    title: { pass: "MAINTAINER is not used", fail: "MAINTAINER is used" },
    severity: "low",
    why: "The instruction is deprecated.",
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
          return { instruction, evidence: [{ subject: "MAINTAINER", value: args[0] ?? "", expected: to }], ...edit };
        }),
  },
);

const legacyForm: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/key-value-form",
    title: { pass: "ENV and LABEL use name=value", fail: "ENV or LABEL uses the legacy form without =" },
    severity: "negligible",
    why: "In the legacy form, everything after the name is the value, even if it looks like a second variable.",
    remediation: "Use ENV name=value.",
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
    title: { pass: "Label names are valid", fail: "Label name is not valid" },
    severity: "negligible",
    why: "Label names have lower-case letters and dots by convention; the namespaces of Docker are reserved.",
    remediation: "Use lower-case letters and digits, with single dots or dashes between them.",
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
    title: { pass: "Image has the required labels", fail: "Required label is missing" },
    severity: "low",
    why: "Labels show who owns the image and what it was built from.",
    remediation: "Add the label to the final stage.",
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
              evidence: [{ subject: `LABEL ${name}` }],
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
