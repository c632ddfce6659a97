import { cisDocker, cwe } from "../mappings.ts";
import { hasExternalBase, isUnprivileged } from "./base-images.ts";
import { type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import { ancestry, type ReadDockerfile } from "./read-dockerfile.ts";
import type { Stage, Step } from "./syntax/build-stages.ts";

const root: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/root-user",
    title: { pass: "Image does not run as root", fail: "Image runs as root" },
    severity: "high",
    why: "A process that escapes a container as root is root on the host. A mount, a capability or a kernel vulnerability is enough.",
    remediation: "Create a user, and select it in the final stage: USER 10001:10001.",
    mappings: [cisDocker("4.1"), cwe("250")],
  },
  {
    applies: ({ images }) => images.length > 0,
    *find(dockerfile) {
      for (const stage of dockerfile.images) yield* rootUser(stage, dockerfile);
    },
  },
);

const numeric: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/numeric-user",
    title: { pass: "Image sets its user as a number", fail: "Image sets its user by name" },
    severity: "negligible",
    why: "With runAsNonRoot, Kubernetes refuses to start a container whose user is a name, because a name can map to user ID 0.",
    remediation: "Use the user ID: USER 10001.",
    mappings: [],
  },
  {
    applies: ({ images }) => images.some((stage) => userOf(stage) !== undefined),
    *find({ images }) {
      // Images that build on one stage can have the same USER.
      for (const user of new Set(images.map(userOf))) {
        const name = user?.values[0]?.split(":")[0] ?? "";
        if (user === undefined || name === "" || name.includes("$") || /^\d+$/.test(name) || isRoot(name)) continue;
        const evidence = [
          {
            subject: "USER",
            value: user.instruction.args[0] ?? "",
            expected: "a number",
          },
        ];
        yield { instruction: user.instruction, evidence };
      }
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

function* rootUser(stage: Stage, { stages }: ReadDockerfile): Iterable<DockerfileFinding> {
  const user = userOf(stage);
  const which = stage === stages.at(-1) ? "the final stage" : "this unused stage";
  if (user === undefined) {
    const base = ancestry(stage).at(-1) ?? stage;
    if (hasExternalBase(base) && isUnprivileged(base.base)) return;
    if (base.base === "") {
      const reason = `no USER in ${which} or its base stages, and ${base.baseAsWritten} is empty by default`;
      yield { instruction: stage.from, stage, evidence: [{ subject: "USER" }], state: "warn", reason };
      return;
    }
    yield {
      instruction: stage.from,
      stage,
      evidence: [{ subject: "USER", expected: "a user other than root" }],
      reason: hasExternalBase(base)
        ? `no USER in ${which} or its base stages; the user of ${base.base} is unknown`
        : `no USER in ${which} or its base stages`,
    };
  } else if (isRoot(user.values[0] ?? "")) {
    const written = user.instruction.args[0] ?? "";
    yield {
      instruction: user.instruction,
      stage,
      evidence: [
        {
          subject: "USER",
          value: written,
          expected: "a user other than root",
        },
      ],
      ...(user.values[0] === written ? {} : { reason: `the default value is ${user.values[0] || "empty"}` }),
    };
  }
}

/** The `USER` that holds at the end of a stage, also one of a stage that it builds on. */
function userOf(stage: Stage): Step | undefined {
  for (const each of ancestry(stage)) {
    const user = each.steps.findLast(({ instruction, deferred }) => instruction.keyword === "USER" && !deferred);
    if (user !== undefined) return user;
  }
  return undefined;
}
