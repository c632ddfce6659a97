import type { CheckDescription } from "../check.ts";
import { refreshesAlone, uncleaned } from "../dockerfile/package-checks.ts";
import { packageCommand } from "../dockerfile/shell/package-command.ts";
import type { RunCommand } from "../dockerfile/shell/run-commands.ts";
import { signatureWords, tlsWords } from "../dockerfile/shell/weakened-checks.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { configurationCheck, type ImageCheck, stepSubject } from "./image-check.ts";
import type { HistoryStep } from "./read-history.ts";

const add: ImageCheck = configurationCheck(
  {
    id: "image/history-add",
    title: { pass: "Files were copied with COPY", fail: "ADD was used for local files" },
    severity: "low",
    why: "ADD unpacks archives and fetches URLs, which is rarely intended and can be abused.",
    remediation: "Use COPY in the Dockerfile, unless an archive must be unpacked.",
    mappings: [cisDocker("4.9"), cwe("610")],
  },
  function* ({ steps }) {
    // The first layer of a base image is the file system of its distribution, and ADD is how that comes in.
    const first = steps.find(({ isEmptyLayer }) => !isEmptyLayer);
    for (const step of steps)
      if (step.keyword === "ADD" && step !== first)
        yield { evidence: [{ subject: stepSubject(step), expected: "COPY" }] };
  },
);

const refreshAlone: ImageCheck = historyCheck(
  {
    id: "image/package-refresh-alone",
    title: {
      pass: "Package lists were refreshed in the step that installs",
      fail: "Package lists were refreshed in a separate step",
    },
    severity: "medium",
    why: "The build cache keeps the refreshed lists: later builds install old versions.",
    remediation: "Combine both in one RUN.",
    mappings: [cisDocker("4.7")],
  },
  (commands) => refreshesAlone(commands).map(({ asked: { program, operands } }) => `${program} ${operands[0] ?? ""}`),
);

const cache: ImageCheck = historyCheck(
  {
    id: "image/package-cache",
    title: { pass: "Package manager caches were removed", fail: "Package manager cache was left in the image" },
    severity: "low",
    why: "Caches make the image larger and are soon outdated.",
    remediation: "Remove the caches in the same RUN (rm -rf /var/lib/apt/lists/*, dnf clean all, apk add --no-cache).",
    mappings: [cwe("459")],
  },
  (commands) => uncleaned(commands).map(({ asked: { program, operands } }) => `${program} ${operands[0] ?? ""}`),
);

const distUpgrade: ImageCheck = historyCheck(
  {
    id: "image/dist-upgrade",
    title: {
      pass: "Build steps did not upgrade all packages",
      fail: "Build step upgraded all packages",
    },
    severity: "medium",
    why: "The upgrade can remove packages or switch to another release, and builds are not reproducible.",
    remediation: "Use a newer base image instead.",
    mappings: [],
  },
  (commands) =>
    commands.flatMap((command) => {
      const asked = packageCommand(command);
      return asked?.verb === "dist-upgrade" ? [`${asked.program} ${asked.operands[0] ?? ""}`] : [];
    }),
);

const sudo: ImageCheck = historyCheck(
  {
    id: "image/sudo",
    title: { pass: "Build steps did not use sudo", fail: "Build step used sudo" },
    severity: "medium",
    why: "With sudo in the image, its user can become root again.",
    remediation: "Run the steps that need root before USER, without sudo.",
    mappings: [cwe("250")],
  },
  (commands) =>
    commands.flatMap(({ program, through }) =>
      [program, ...through].filter((name) => name === "sudo" || name === "doas"),
    ),
);

const verification: ImageCheck = historyCheck(
  {
    id: "image/verification-off",
    title: {
      pass: "Build steps verified certificates and signatures",
      fail: "Build step disabled certificate or signature verification",
    },
    severity: "high",
    why: "A download without verification can come from an attacker.",
    remediation: "Remove the option from the RUN, and rebuild the image.",
    mappings: [cisDocker("4.11"), cwe("295"), cwe("347")],
  },
  (commands) =>
    commands.flatMap((command) => [tlsWords(command), signatureWords(command)].filter((words) => words !== undefined)),
);

/** Checks of what the history of an image tells. */
export const historyChecks: readonly ImageCheck[] = [add, refreshAlone, cache, distUpgrade, sudo, verification];

/** `look` gives what is wrong in the commands of a step; secrets are not among it. */
function historyCheck(
  description: CheckDescription,
  look: (commands: readonly RunCommand[], step: HistoryStep) => readonly string[],
): ImageCheck {
  return configurationCheck(description, function* ({ steps }) {
    for (const step of steps) {
      const found = look(step.run.commands, step).map((words) => words.trim());
      if (found.length > 0) yield { evidence: found.map((value) => ({ subject: stepSubject(step), value })) };
    }
  });
}
