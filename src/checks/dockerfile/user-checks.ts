import { cisDocker, cwe } from "../mappings.ts";
import { hasExternalBase } from "./base-images.ts";
import { type DockerfileCheck, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage, Step } from "./syntax/build-stages.ts";

const root: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/root-user",
    title: "The image runs as a user other than root",
    severity: "high",
    why: "Root in a container is root on the host as soon as anything in between gives way: a mount, a capability, a flaw of the kernel.",
    remediation: "Create a user and name it in the last stage: USER 10001:10001.",
    mappings: [cisDocker("4.1"), cwe("250")],
  },
  {
    applies: ({ stages }) => stages.length > 0,
    *find({ stages }) {
      const last = stages.at(-1);
      if (last === undefined) return;
      const user = userOf(last);
      if (user === undefined) {
        const base = ancestry(last).at(-1) ?? last;
        yield {
          instruction: last.from,
          stage: last,
          evidence: [{ subject: "USER", expected: "a user other than root" }],
          reason: hasExternalBase(base)
            ? `no USER in the last stage or below it; what ${base.base} sets is not known here`
            : "no USER in the last stage or below it",
        };
      } else if (isRoot(user.values[0] ?? "")) {
        const written = user.instruction.args[0] ?? "";
        yield {
          instruction: user.instruction,
          stage: last,
          evidence: [
            {
              subject: "USER",
              value: written,
              expected: "a user other than root",
            },
          ],
          ...(user.values[0] === written ? {} : { reason: `its default is ${user.values[0] || "empty"}` }),
        };
      }
    },
  },
);

const numeric: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/numeric-user",
    title: "The image names its user by number",
    severity: "negligible",
    why: "Kubernetes can tell that a number is not root; with a name, runAsNonRoot refuses to start the container.",
    remediation: "Write the number of the user: USER 10001.",
    mappings: [],
  },
  {
    applies: (dockerfile) => lastUser(dockerfile) !== undefined,
    *find(dockerfile) {
      const user = lastUser(dockerfile);
      const name = user?.values[0]?.split(":")[0] ?? "";
      if (user === undefined || name === "" || name.includes("$") || /^\d+$/.test(name) || isRoot(name)) return;
      const evidence = [
        {
          subject: "USER",
          value: user.instruction.args[0] ?? "",
          expected: "a number",
        },
      ];
      yield { instruction: user.instruction, evidence };
    },
  },
);

/** Checks of `USER`. */
export const userChecks: readonly DockerfileCheck[] = [root, numeric];

/** True for the root user, in all forms of `USER` and of an image's configuration. */
export function isRoot(user: string): boolean {
  const name = user.split(":")[0] ?? "";
  return name === "" || name === "root" || /^0+$/.test(name);
}

function lastUser({ stages }: ReadDockerfile): Step | undefined {
  const last = stages.at(-1);
  return last === undefined ? undefined : userOf(last);
}

/** The `USER` that holds at the end of a stage, also one of a stage that it builds on. */
function userOf(stage: Stage): Step | undefined {
  for (const each of ancestry(stage)) {
    const user = each.steps.findLast(({ instruction, deferred }) => instruction.keyword === "USER" && !deferred);
    if (user !== undefined) return user;
  }
  return undefined;
}
