import { cisDocker, cwe } from "../mappings.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ignoreCost, isIgnored } from "./ignore-file.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage, Step } from "./syntax/build-stages.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

// What no real file comes near.
const mostComparisons = 200_000_000;

const hasCopies = ({ stages }: ReadDockerfile): boolean => stages.some((stage) => copiesOf(stage).length > 0);

const addLocal: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/add-local",
    title: { pass: "Local files are copied with COPY", fail: "ADD is used for local files" },
    severity: "low",
    why: "ADD unpacks archives and fetches URLs, which is rarely intended and can be abused.",
    remediation: "Use COPY, unless an archive must be unpacked.",
    mappings: [cisDocker("4.9"), cwe("610")],
  },
  ({ instruction, values }) => {
    if (instruction.keyword !== "ADD") return undefined;
    const sources = values.slice(0, -1);
    const plain = sources.filter((source) => !isRemote(source) && !isUnpacked(source) && !source.includes("$"));
    const target = values.at(-1) ?? "";
    // A target that is a file by its name is not a folder to unpack to.
    const copied = plain.length > 0 ? plain : sources.filter((source) => isUnpacked(source) && isFileName(target));
    return copied.length === 0 ? undefined : [{ subject: "ADD", value: copied.join(" "), expected: "COPY" }];
  },
);

const addRemote: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/add-remote",
    title: { pass: "Remote sources of ADD are pinned", fail: "Remote source of ADD is not pinned" },
    severity: "medium",
    why: "An attacker who controls the server or the network decides what is in the image.",
    remediation: "Add --checksum=sha256:… for a file, or a commit to a Git URL.",
    mappings: [cisDocker("4.9"), cwe("494")],
  },
  ({ instruction, values }) => {
    if (instruction.keyword !== "ADD" || instruction.flags.some((flag) => flag.startsWith("--checksum=")))
      return undefined;
    const remote = values.slice(0, -1).filter((source) => isRemote(source) && !/#[0-9a-f]{40}(?::|$)/.test(source));
    if (remote.length === 0) return undefined;
    return remote.map((source) => ({
      subject: "ADD",
      value: withoutLogin(source),
      expected: isGit(source) ? "#COMMIT after the URL" : "--checksum=sha256:…",
    }));
  },
);

const targetSlash: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/copy-target-folder",
    title: {
      pass: "Target of several copied files ends with a slash",
      fail: "Target of several copied files does not end with a slash",
    },
    severity: "high",
    why: "Several files can only be copied to a directory: without the slash, the build fails.",
    remediation: "End the target with a slash.",
    mappings: [],
  },
  ({ instruction: { keyword, heredocs }, values }) => {
    const target = values.at(-1) ?? "";
    const isFolder = /[/\\]$/.test(target) || target === "." || target === ".." || target.includes("$");
    if (values.length < 3 || isFolder || heredocs.length > 0) return undefined;
    return [{ subject: keyword, value: target, expected: `${target}/` }];
  },
);

const fromSelf: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/copy-from-self",
    title: { pass: "COPY --from refers to another stage", fail: "COPY --from refers to its own stage" },
    severity: "high",
    why: "BuildKit rejects the build, because the stage does not exist yet.",
    remediation: "Set --from to an earlier stage.",
    mappings: [],
  },
  ({ instruction }, stage) => {
    const from = fromFlag(instruction);
    if (from === undefined) return undefined;
    const isSelf = from.toLowerCase() === stage.name || from === String(stage.index);
    return isSelf ? [{ subject: "--from", value: from, expected: "an earlier stage" }] : undefined;
  },
);

const fromKnown: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/copy-from-known",
    title: {
      pass: "COPY --from refers to an earlier stage or a tagged image",
      fail: "COPY --from refers to an unknown stage",
    },
    severity: "medium",
    why: "If no stage matches, the name is pulled as an image from a registry, from any publisher.",
    remediation: "Correct the name of the stage, or add a tag or digest to the image.",
    mappings: [cwe("829")],
  },
  ({ instruction }, stage, { stages }) => {
    const from = fromFlag(instruction);
    if (from === undefined || from.includes("$") || from.toLowerCase() === stage.name) return undefined;
    const isEarlier = stages.some(
      ({ name, index }) => index < stage.index && (name === from.toLowerCase() || String(index) === from),
    );
    const isImage = /[:@]/.test(from.slice(from.lastIndexOf("/") + 1)) || from.includes("/");
    return isEarlier || isImage || from === String(stage.index)
      ? undefined
      : [{ subject: "--from", value: from, expected: "an earlier stage" }];
  },
);

const wholeFilesystem: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/copy-filesystem",
    title: {
      pass: "Other stages are not copied in full",
      fail: "Another stage is copied in full",
    },
    severity: "low",
    why: "Copying / includes tools, caches and secrets of the build stage that the final image should not contain.",
    remediation: "Copy only the files that are needed, or build on the stage with FROM.",
    mappings: [],
  },
  ({ instruction, values }, stage, { shipped }) =>
    shipped.has(stage) &&
    fromFlag(instruction) !== undefined &&
    values.length === 2 &&
    values[0] === "/" &&
    values[1] === "/"
      ? [{ subject: "COPY", value: "/ /" }]
      : undefined,
);

const ignored: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/copy-ignored",
    title: { pass: "Copied paths are not excluded by .dockerignore", fail: "Copied path is excluded by .dockerignore" },
    severity: "low",
    why: "Excluded files are not in the build context, so the build fails.",
    remediation: "Correct the path or .dockerignore.",
    mappings: [buildKit("CopyIgnoredFile")],
  },
  {
    rule: "CopyIgnoredFile",
    applies: (dockerfile) => dockerfile.ignoreFile?.hasExceptions === false && hasCopies(dockerfile),
    *find({ stages, ignoreFile }) {
      if (ignoreFile === undefined || ignoreFile.hasExceptions) return;
      let work = 0;
      for (const stage of stages) {
        for (const { instruction, values } of copiesOf(stage)) {
          if (fromFlag(instruction) !== undefined) continue;
          for (const path of values.slice(0, -1).filter(isPlainPath)) {
            work += ignoreCost(path, ignoreFile);
            if (work > mostComparisons) return;
            if (isIgnored(path, ignoreFile))
              yield { instruction, stage, evidence: [{ subject: instruction.keyword, value: path }] };
          }
        }
      }
    },
  },
);

const relativeTarget: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/copy-target-absolute",
    title: {
      pass: "Copy target is absolute or below a WORKDIR",
      fail: "Copy target is relative to the working directory of the base image",
    },
    severity: "low",
    why: "The target moves when the base image changes its working directory.",
    remediation: "Set WORKDIR first, or use an absolute path.",
    mappings: [],
  },
  {
    applies: hasCopies,
    *find({ stages }) {
      for (const stage of stages) {
        let hasWorkdir = ancestry(stage.parent).some(({ steps }) => steps.some(isWorkdir));
        for (const step of stage.steps) {
          hasWorkdir ||= isWorkdir(step);
          const target = step.values.at(-1) ?? "";
          if (!isCopy(step) || hasWorkdir || isAbsolute(target)) continue;
          yield {
            instruction: step.instruction,
            stage,
            evidence: [{ subject: step.instruction.keyword, value: target }],
          };
        }
      }
    },
  },
);

/** Checks of `COPY` and `ADD`. */
export const fileChecks: readonly DockerfileCheck[] = [
  addLocal,
  addRemote,
  targetSlash,
  fromSelf,
  fromKnown,
  wholeFilesystem,
  ignored,
  relativeTarget,
];

/** True for a path that does not depend on the working folder. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\$]|[A-Za-z]:[/\\])/.test(path);
}

function copyCheck(
  about: Parameters<typeof dockerfileCheck>[0],
  look: (step: Step, stage: Stage, dockerfile: ReadDockerfile) => DockerfileFinding["evidence"] | undefined,
): DockerfileCheck {
  return dockerfileCheck(about, {
    applies: hasCopies,
    *find(dockerfile) {
      for (const stage of dockerfile.stages) {
        for (const step of copiesOf(stage)) {
          const evidence = look(step, stage, dockerfile);
          if (evidence === undefined) continue;
          const { word } = step.instruction;
          const edit = evidence[0]?.expected === "COPY" ? { edit: { from: word, to: "COPY" } } : {};
          yield { instruction: step.instruction, stage, evidence, ...edit };
        }
      }
    },
  });
}

function copiesOf({ steps }: Stage): Step[] {
  return steps.filter(isCopy);
}

function isCopy({ instruction: { keyword } }: Step): boolean {
  return keyword === "COPY" || keyword === "ADD";
}

function isWorkdir({ instruction, deferred }: Step): boolean {
  return instruction.keyword === "WORKDIR" && !deferred;
}

function fromFlag({ flags }: Instruction): string | undefined {
  return flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
}

function isRemote(source: string): boolean {
  return /^(?:https?|ftp|git|ssh):\/\/|^git@[^/]+:/.test(source);
}

function isGit(source: string): boolean {
  return /^(?:git|ssh):\/\/|^git@|\.git(?:#|$)/.test(source);
}

function isUnpacked(source: string): boolean {
  return /\.(?:tar|tar\.\w{1,5}|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst)$/i.test(source);
}

function isFileName(target: string): boolean {
  const name = target.slice(target.lastIndexOf("/") + 1);
  return /\.[A-Za-z0-9]{1,5}$/.test(name);
}

function isPlainPath(source: string): boolean {
  return !source.startsWith("<<") && !isRemote(source);
}

function withoutLogin(address: string): string {
  return address.replace(/^([a-z]{3,5}:\/\/)[^/@]*@/, "$1").replace(/[?].*$/, "");
}
