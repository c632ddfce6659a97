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
    title: "COPY brings local files, not ADD",
    severity: "low",
    why: "ADD unpacks archives and fetches addresses, which is rarely meant, and can be turned against the build.",
    remediation: "Write COPY where nothing is to be unpacked.",
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
    title: "ADD fetches nothing that is not pinned by a checksum or commit",
    severity: "medium",
    why: "Whoever controls the address, or the way to it, decides what is in the image.",
    remediation: "Add --checksum=sha256:… to the ADD of a file, and a commit to the address of a repository.",
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
      expected: isGit(source) ? "#COMMIT behind the address" : "--checksum=sha256:…",
    }));
  },
);

const targetSlash: DockerfileCheck = copyCheck(
  {
    id: "dockerfile/copy-target-folder",
    title: "The target of several copied files ends in a slash",
    severity: "high",
    why: "Several files go only to a folder: without the slash the build fails.",
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
    title: "No stage copies from itself",
    severity: "high",
    why: "A stage is not there before it is built: BuildKit refuses the build.",
    remediation: "Name an earlier stage in --from.",
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
    title: "COPY --from names an earlier stage, or an image with a tag",
    severity: "medium",
    why: "A name that is no stage is taken for an image of a registry, with whatever is published under it.",
    remediation: "Correct the name, or name the image with its tag or digest.",
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
    title: "No whole file system is copied from another stage",
    severity: "low",
    why: "With / comes everything that the other stage holds: tools, caches and secrets that the stage was there to leave behind.",
    remediation: "Copy the files that are needed, or build on the stage with FROM.",
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
    title: "No copied file is left out by .dockerignore",
    severity: "low",
    why: "What .dockerignore leaves out is not there to be copied, so the build fails.",
    remediation: "Correct the path, or .dockerignore.",
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
    title: "Files are copied to an absolute path, or below a WORKDIR of the file",
    severity: "low",
    why: "A relative target depends on the base image, which may change its working folder.",
    remediation: "Set WORKDIR above, or write the whole path.",
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
