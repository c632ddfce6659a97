import { trimEnd } from "../../model/text/trim-end.ts";
import { cwe } from "../mappings.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { isAbsolute } from "./file-checks.ts";
import { ancestry } from "./read-dockerfile.ts";
import type { Step } from "./syntax/build-stages.ts";

// Folders of the kernel, of devices and of the system itself, which a volume or a working folder takes away or opens
// for writing.
const systemFolders = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib64",
  "/proc",
  "/sbin",
  "/sys",
  "/usr/bin",
  "/usr/sbin",
];

const longestPath = 1000;

const system: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/system-folder",
    title: {
      pass: "WORKDIR and VOLUME are not system directories",
      fail: "WORKDIR or VOLUME is a system directory",
    },
    severity: "high",
    why: "The program can overwrite system files there, or a mount can hide them.",
    remediation: "Use a directory of the application, such as /app or /var/lib/app.",
    mappings: [cwe("732")],
  },
  {
    applies: ({ stages }) => stages.some(({ steps }) => steps.some(isPlace)),
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        stage.steps.filter(isPlace).flatMap(({ instruction, values }): DockerfileFinding[] => {
          // An image without WORKDIR works in the root folder, so that to name it changes nothing.
          const isDefault = (path: string): boolean => instruction.keyword === "WORKDIR" && /^\/+$/.test(path);
          const paths = values.filter((path) => isSystemFolder(path) && !isDefault(path));
          const evidence = paths.map((path) => ({
            subject: instruction.keyword,
            value: path,
          }));
          return paths.length === 0 ? [] : [{ instruction, stage, evidence }];
        }),
      ),
  },
);

const socket: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/engine-socket-volume",
    title: { pass: "Container engine socket is not a volume", fail: "Container engine socket is a volume" },
    severity: "high",
    why: "A process with access to the socket can become root on the host.",
    remediation: "Remove the volume.",
    mappings: [cwe("250")],
  },
  {
    applies: ({ stages }) =>
      stages.some(({ steps }) => steps.some(({ instruction }) => instruction.keyword === "VOLUME")),
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        stage.steps
          .filter(({ instruction }) => instruction.keyword === "VOLUME")
          .flatMap(({ instruction, values }): DockerfileFinding[] => {
            const path = values.find((value) => /\/(?:docker|podman|containerd|crio)\.sock$/.test(value));
            return path === undefined
              ? []
              : [
                  {
                    instruction,
                    stage,
                    evidence: [{ subject: "VOLUME", value: path }],
                  },
                ];
          }),
      ),
  },
);

const absolute: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/workdir-absolute",
    title: { pass: "First WORKDIR of each stage is absolute", fail: "First WORKDIR of a stage is relative" },
    severity: "low",
    why: "A relative path depends on the working directory of the base image, which can change.",
    remediation: "Use an absolute path: WORKDIR /app.",
    mappings: [buildKit("WorkdirRelativePath")],
  },
  {
    rule: "WorkdirRelativePath",
    applies: ({ stages }) => stages.some(({ steps }) => steps.some(isWorkdir)),
    *find({ stages }) {
      for (const stage of stages) {
        if (ancestry(stage.parent).some(({ steps }) => steps.some(isWorkdir))) continue;
        const first = stage.steps.find(isWorkdir);
        const path = first?.values[0] ?? "/";
        if (first === undefined || isAbsolute(path) || isAbsolute(first.instruction.args[0] ?? "")) continue;
        yield {
          instruction: first.instruction,
          stage,
          evidence: [{ subject: "WORKDIR", value: path, expected: `/${path}` }],
        };
      }
    },
  },
);

const steps: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/workdir-relative",
    title: { pass: "Every WORKDIR is absolute", fail: "WORKDIR is relative" },
    severity: "negligible",
    why: "A chain of relative paths is hard to follow, and a change to the first one moves all of them.",
    remediation: "Use absolute paths.",
    mappings: [],
  },
  {
    applies: ({ stages }) => stages.some((stage) => stage.steps.some(isWorkdir)),
    find: ({ stages }) =>
      stages.flatMap((stage) =>
        stage.steps
          .filter(isWorkdir)
          .filter(({ instruction, values }) => !isAbsolute(values[0] ?? "/") && !isAbsolute(instruction.args[0] ?? ""))
          .map(({ instruction, values }) => ({
            instruction,
            stage,
            evidence: [{ subject: "WORKDIR", value: values[0] ?? "" }],
          })),
      ),
  },
);

/** Checks of `WORKDIR` and `VOLUME`. */
export const pathChecks: readonly DockerfileCheck[] = [system, socket, absolute, steps];

/** True for a folder of the system, and for what is in /proc, /sys, /dev and /boot. */
export function isSystemFolder(path: string): boolean {
  if (path.length > longestPath) return false;
  const plain = trimEnd(path, "/") || path.slice(0, 1);
  return plain === "/" || systemFolders.includes(plain) || /^\/(?:proc|sys|dev|boot)\//.test(plain);
}

function isWorkdir({ instruction, deferred }: Step): boolean {
  return instruction.keyword === "WORKDIR" && !deferred;
}

function isPlace({ instruction: { keyword } }: Step): boolean {
  return keyword === "WORKDIR" || keyword === "VOLUME";
}
