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
    title: "Files were brought by COPY, not by ADD",
    severity: "low",
    why: "ADD unpacks archives and fetches addresses, which is rarely meant, and can be turned against the build.",
    remediation: "Write COPY in the Dockerfile where nothing is to be unpacked.",
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
    title: "Package lists were refreshed in the step that installs",
    severity: "medium",
    why: "A step that only refreshes is cached: later builds install from old lists.",
    remediation: "Join the refresh and the installation in one RUN.",
    mappings: [cisDocker("4.7")],
  },
  (commands) => refreshesAlone(commands).map(({ asked: { program, operands } }) => `${program} ${operands[0] ?? ""}`),
);

const cache: ImageCheck = historyCheck(
  {
    id: "image/package-cache",
    title: "Steps left no lists and caches of package managers",
    severity: "low",
    why: "They make the image larger, and go stale at once.",
    remediation: "Remove them in the same RUN (rm -rf /var/lib/apt/lists/*, dnf clean all, apk add --no-cache).",
    mappings: [cwe("459")],
  },
  (commands) => uncleaned(commands).map(({ asked: { program, operands } }) => `${program} ${operands[0] ?? ""}`),
);

const distUpgrade: ImageCheck = historyCheck(
  {
    id: "image/dist-upgrade",
    title: "No step upgraded the whole distribution",
    severity: "medium",
    why: "It may bring another release with removed packages, and no two builds give the same image.",
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
    title: "Steps did not use sudo",
    severity: "medium",
    why: "sudo in an image gives its user a way back to root.",
    remediation: "Do what needs root before USER, without sudo.",
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
    title: "Steps verified certificates and signatures",
    severity: "high",
    why: "What was fetched without verification may come from anyone.",
    remediation: "Remove the switch from the RUN, and build again.",
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
