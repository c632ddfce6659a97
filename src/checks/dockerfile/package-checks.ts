import { cisDocker, cwe } from "../mappings.ts";
import type { DockerfileCheck } from "./dockerfile-check.ts";
import type { RunStep } from "./read-dockerfile.ts";
import { commandCheck, isMounted, type RunFinding, runCheck } from "./run-check.ts";
import { hasOption } from "./shell/invocation.ts";
import { isSystemManager, type PackageCommand, type PackageManager, packageCommand } from "./shell/package-command.ts";
import type { RunCommand } from "./shell/run-commands.ts";
import { unpinnedPackages } from "./shell/unpinned-packages.ts";

/** A command of a `RUN` that calls a package manager. */
interface PackageStep {
  readonly command: RunCommand;
  readonly asked: PackageCommand;
}

// Where package managers keep what only they need.
const caches: Readonly<Partial<Record<PackageManager, readonly string[]>>> = {
  apk: ["/var/cache/apk", "/etc/apk/cache"],
  apt: ["/var/lib/apt/lists", "/var/lib/apt"],
  dnf: ["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"],
  zypper: ["/var/cache/zypp"],
};

const noRecommends = /APT::Install-Recommends\s{0,9}=?\s{0,9}"?(?:0|false|no|off)/i;

const refreshAlone: DockerfileCheck = runCheck(
  {
    id: "dockerfile/package-refresh-alone",
    title: {
      pass: "Package lists are refreshed in the step that installs",
      fail: "Package lists are refreshed in a separate step",
    },
    severity: "medium",
    why: "The build cache keeps the refreshed lists: later builds install old versions with known vulnerabilities, or fail.",
    remediation: "Combine both in one step: RUN apt-get update && apt-get install -y ….",
    mappings: [cisDocker("4.7")],
  },
  function* (run) {
    for (const { command, asked } of refreshesAlone(run.commands)) {
      if (caches[asked.manager]?.some((folder) => isMounted(run, folder)) === true) continue;
      yield { command, evidence: [shown(asked)] };
    }
  },
);

const cache: DockerfileCheck = runCheck(
  {
    id: "dockerfile/package-cache",
    title: { pass: "Package manager caches are removed", fail: "Package manager cache is left in the image" },
    severity: "low",
    why: "Caches make the image larger and are soon outdated; a later step cannot remove them from the layer.",
    remediation:
      "Remove the caches in the same step (rm -rf /var/lib/apt/lists/*, dnf clean all, apk add --no-cache), or use a cache mount.",
    mappings: [cwe("459")],
  },
  function* (run) {
    for (const { command, asked } of uncleaned(run.commands)) {
      if (caches[asked.manager]?.some((folder) => isMounted(run, folder)) === true) continue;
      yield { command, evidence: [shown(asked)] };
    }
  },
  { shippedOnly: true },
);

const languageCache: DockerfileCheck = runCheck(
  {
    id: "dockerfile/language-cache",
    title: { pass: "pip and yarn caches are removed", fail: "pip or yarn cache is left in the image" },
    severity: "negligible",
    why: "The cache makes the image larger, and no program in the container uses it.",
    remediation: "Use pip install --no-cache-dir or yarn cache clean in the same step, or use a cache mount.",
    mappings: [],
  },
  function* (run) {
    if (hasCacheMount(run)) return;
    const steps = packageSteps(run.commands);
    const cleansYarn = steps.some(({ asked: { manager, verb } }) => manager === "yarn" && verb === "clean");
    const keepsPip = steps.some(({ asked: { manager } }) => manager === "pip") && !hasVariable(run, "PIP_NO_CACHE_DIR");
    for (const { command, asked } of steps) {
      if (asked.verb !== "install") continue;
      const isPip = asked.manager === "pip" && keepsPip && !hasOption(asked.options, "--no-cache-dir");
      const isYarn = asked.manager === "yarn" && !cleansYarn;
      if (isPip || isYarn) yield { command, evidence: [shown(asked)] };
    }
  },
  { shippedOnly: true },
);

const assumeYes: DockerfileCheck = packageCheck(
  {
    id: "dockerfile/package-confirmation",
    title: {
      pass: "Package managers do not prompt for confirmation",
      fail: "Package manager prompts for confirmation",
    },
    severity: "low",
    why: "A build has no terminal to answer the prompt, so the step fails.",
    remediation: "Add -y, or --non-interactive for zypper.",
    mappings: [],
  },
  ({ manager, verb, options }) => {
    if (verb !== "install" && verb !== "upgrade" && verb !== "dist-upgrade") return false;
    if (manager === "apt")
      return !hasOption(options, "-y", "--yes", "--assume-yes", "-qq", "--force-yes", "-s", "--quiet=2", "-q=2");
    if (manager === "dnf") return !hasOption(options, "-y", "--assumeyes", "--downloadonly");
    if (manager === "zypper") return !hasOption(options, "-n", "-y", "--non-interactive", "--no-confirm");
    return false;
  },
);

const recommends: DockerfileCheck = runCheck(
  {
    id: "dockerfile/package-recommends",
    title: { pass: "apt-get does not install recommended packages", fail: "apt-get installs recommended packages" },
    severity: "low",
    why: "Each additional package increases the attack surface and needs updates.",
    remediation: "Add --no-install-recommends.",
    mappings: [cisDocker("4.3")],
  },
  function* ({ commands }) {
    if (commands.some(({ shell }) => shell.words.some((word) => noRecommends.test(word)))) return;
    for (const { command, asked } of packageSteps(commands)) {
      const { manager, program, verb, options } = asked;
      if (manager !== "apt" || program === "aptitude" || verb !== "install") continue;
      if (!hasOption(options, "--no-install-recommends")) yield { command, evidence: [shown(asked)] };
    }
  },
);

const aptProgram: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/apt-in-script",
    title: { pass: "Scripts use apt-get and apt-cache instead of apt", fail: "Script uses apt" },
    severity: "negligible",
    why: "apt is an interactive command: its output and options can change with every version.",
    remediation: "Use apt-get, or apt-cache for searches.",
    mappings: [],
  },
  ({ program, args }) =>
    program === "apt" ? ["apt", ...args.filter((word) => /^[a-z-]+$/.test(word)).slice(0, 1)].join(" ") : undefined,
  "apt-get",
);

const distUpgrade: DockerfileCheck = packageCheck(
  {
    id: "dockerfile/dist-upgrade",
    title: {
      pass: "Build steps do not upgrade all packages",
      fail: "Build step upgrades all packages",
    },
    severity: "medium",
    why: "The upgrade can remove packages or switch to another release, and builds are not reproducible.",
    remediation: "Use a newer base image instead.",
    mappings: [],
  },
  ({ verb }) => verb === "dist-upgrade",
);

const versions: DockerfileCheck = runCheck(
  {
    id: "dockerfile/package-version",
    title: { pass: "Installed packages are pinned", fail: "Unpinned packages are installed" },
    severity: "low",
    why: "Each build can install different versions.",
    remediation: "Add a version to each package, or install from a lock file.",
    mappings: [cisDocker("4.11")],
  },
  function* (run) {
    for (const { command, asked } of packageSteps(run.commands)) {
      const names = asked.verb === "install" ? unpinnedPackages(asked) : [];
      if (names.length === 0) continue;
      const listed = names.slice(0, 10).join(", ");
      const value = names.length > 10 ? `${listed} and ${names.length - 10} more` : listed;
      yield {
        command,
        evidence: [{ subject: `${asked.program}, unpinned packages`, value }],
      };
    }
  },
);

/** Checks of package managers. */
export const packageChecks: readonly DockerfileCheck[] = [
  refreshAlone,
  cache,
  languageCache,
  assumeYes,
  recommends,
  aptProgram,
  distUpgrade,
  versions,
];

/** Refreshes of package lists after which the same commands install nothing. */
export function refreshesAlone(commands: readonly RunCommand[]): PackageStep[] {
  const usedLater = new Set<PackageManager>();
  const alone: PackageStep[] = [];
  for (const step of packageSteps(commands).toReversed()) {
    const { manager, verb } = step.asked;
    if (usesLists(verb)) usedLater.add(manager);
    else if (verb === "refresh" && !usedLater.has(manager)) alone.push(step);
  }
  return alone.reverse();
}

/**
 * Installations and refreshes whose lists or caches the same commands do not remove: the first of each package manager.
 */
export function uncleaned(commands: readonly RunCommand[]): PackageStep[] {
  const steps = packageSteps(commands);
  const seen = new Set<PackageManager>();
  const left: PackageStep[] = [];
  for (const step of steps) {
    const { manager, verb, options } = step.asked;
    const leaves = usesLists(verb) || (verb === "refresh" && manager !== "apk");
    if (!isSystemManager(manager) || !leaves || seen.has(manager)) continue;
    if (manager === "apk" && hasOption(options, "--no-cache")) continue;
    seen.add(manager);
    if (!isCleaned(manager, commands, steps)) left.push(step);
  }
  return left;
}

function isCleaned(manager: PackageManager, commands: readonly RunCommand[], steps: readonly PackageStep[]): boolean {
  if (steps.some(({ asked }) => asked.manager === manager && asked.verb === "clean")) return true;
  const folders = caches[manager] ?? [];
  return commands.some(
    ({ program, args }) =>
      (program === "rm" || program === "find") &&
      args.some((argument) => folders.some((folder) => covers(argument, folder))),
  );
}

/** True for a path in the folder, the folder itself, and one above it. */
function covers(argument: string, folder: string): boolean {
  const above = argument.replace(/\/?\*?$/, "");
  return argument.startsWith(folder) || (above.length > "/var".length && folder.startsWith(`${above}/`));
}

function usesLists(verb: PackageCommand["verb"]): boolean {
  return verb === "install" || verb === "upgrade" || verb === "dist-upgrade";
}

function packageSteps(commands: readonly RunCommand[]): PackageStep[] {
  return commands.flatMap((command) => {
    const asked = packageCommand(command);
    return asked === undefined ? [] : [{ command, asked }];
  });
}

function packageCheck(
  about: Parameters<typeof runCheck>[0],
  isWrong: (asked: PackageCommand) => boolean,
): DockerfileCheck {
  return runCheck(about, function* ({ commands }): Iterable<RunFinding> {
    for (const { command, asked } of packageSteps(commands))
      if (isWrong(asked)) yield { command, evidence: [shown(asked)] };
  });
}

function shown({ program, operands, verb }: PackageCommand): {
  subject: string;
  value: string;
} {
  return { subject: "RUN", value: `${program} ${operands[0] ?? verb}` };
}

function hasCacheMount({ step }: RunStep): boolean {
  return step.instruction.flags.some((flag) => flag.startsWith("--mount=") && flag.includes("type=cache"));
}

function hasVariable({ stage }: RunStep, name: string): boolean {
  return stage.steps.some(
    ({ instruction: { keyword }, values }) =>
      keyword === "ENV" && values.some((value, index) => index % 3 === 0 && value === name),
  );
}
