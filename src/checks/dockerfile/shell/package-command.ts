import { type DividedArguments, divideArguments } from "./invocation.ts";
import type { RunCommand } from "./run-commands.ts";

/** A package manager, whatever name its program goes by. */
export type PackageManager = "apk" | "apt" | "dnf" | "gem" | "go" | "npm" | "pip" | "yarn" | "zypper";

/** What a command asks of a package manager. */
export interface PackageCommand extends DividedArguments {
  readonly manager: PackageManager;
  /** As called: `apt-get`, `microdnf`, `pip3`. */
  readonly program: string;
  /** The kind of work; `other` for all that no check looks at. */
  readonly verb: "install" | "refresh" | "upgrade" | "dist-upgrade" | "clean" | "configure" | "other";
  /** The installed packages. */
  readonly packages: readonly string[];
}

interface ManagerForm {
  readonly manager: PackageManager;
  readonly valued: readonly string[];
  readonly verbs: Readonly<Record<string, PackageCommand["verb"]>>;
}

const apt: ManagerForm = {
  manager: "apt",
  valued: ["-o", "-c", "-t", "--option", "--config-file", "--target-release", "--default-release"],
  verbs: {
    install: "install",
    reinstall: "install",
    satisfy: "install",
    "build-dep": "install",
    update: "refresh",
    upgrade: "upgrade",
    "safe-upgrade": "upgrade",
    "dist-upgrade": "dist-upgrade",
    "full-upgrade": "dist-upgrade",
    distclean: "clean",
    "dist-clean": "clean",
  },
};
const dnf: ManagerForm = {
  manager: "dnf",
  valued: [
    "-c",
    "-d",
    "-e",
    "-R",
    "-x",
    "--config",
    "--disablerepo",
    "--enablerepo",
    "--exclude",
    "--installroot",
    "--releasever",
    "--repo",
    "--repoid",
  ],
  verbs: {
    install: "install",
    localinstall: "install",
    groupinstall: "install",
    reinstall: "install",
    makecache: "refresh",
    update: "upgrade",
    upgrade: "upgrade",
    "distro-sync": "dist-upgrade",
    clean: "clean",
    "config-manager": "configure",
  },
};
const zypper: ManagerForm = {
  manager: "zypper",
  valued: ["-D", "-R", "-r", "-t", "--from", "--plus-repo", "--repo", "--reposd-dir", "--root", "--type"],
  verbs: {
    install: "install",
    in: "install",
    refresh: "refresh",
    ref: "refresh",
    update: "upgrade",
    up: "upgrade",
    patch: "upgrade",
    "dist-upgrade": "dist-upgrade",
    dup: "dist-upgrade",
    clean: "clean",
    cc: "clean",
  },
};
const apk: ManagerForm = {
  manager: "apk",
  valued: [
    "-X",
    "-p",
    "-t",
    "--arch",
    "--cache-dir",
    "--keys-dir",
    "--repositories-file",
    "--repository",
    "--root",
    "--virtual",
    "--wait",
  ],
  verbs: {
    add: "install",
    update: "refresh",
    upgrade: "upgrade",
    cache: "clean",
  },
};
const pip: ManagerForm = {
  manager: "pip",
  valued: [
    "-b",
    "-c",
    "-d",
    "-e",
    "-f",
    "-i",
    "-r",
    "-t",
    "--cache-dir",
    "--cert",
    "--constraint",
    "--editable",
    "--extra-index-url",
    "--find-links",
    "--index-url",
    "--log",
    "--platform",
    "--prefix",
    "--proxy",
    "--python-version",
    "--requirement",
    "--retries",
    "--root",
    "--target",
    "--timeout",
    "--trusted-host",
  ],
  verbs: { install: "install", config: "configure" },
};
const npm: ManagerForm = {
  manager: "npm",
  valued: ["--cache", "--loglevel", "--prefix", "--registry", "--userconfig", "-w", "--workspace"],
  verbs: {
    install: "install",
    i: "install",
    add: "install",
    config: "configure",
    c: "configure",
    set: "configure",
    cache: "clean",
  },
};
const yarn: ManagerForm = {
  manager: "yarn",
  valued: ["--cache-folder", "--cwd", "--modules-folder", "--registry"],
  verbs: {
    add: "install",
    install: "install",
    config: "configure",
    set: "configure",
    cache: "clean",
  },
};
const gem: ManagerForm = {
  manager: "gem",
  valued: [
    "-i",
    "-n",
    "-P",
    "-s",
    "-v",
    "--bindir",
    "--install-dir",
    "--platform",
    "--source",
    "--trust-policy",
    "--version",
  ],
  verbs: { install: "install", i: "install", update: "upgrade" },
};
const go: ManagerForm = {
  manager: "go",
  valued: ["-C", "-gcflags", "-ldflags", "-mod", "-o", "-tags"],
  verbs: { install: "install", get: "install", clean: "clean" },
};

const forms: Readonly<Record<string, ManagerForm>> = {
  apk,
  apt,
  aptitude: apt,
  "apt-get": apt,
  dnf,
  dnf5: dnf,
  gem,
  go,
  microdnf: dnf,
  npm,
  pip,
  tdnf: dnf,
  yarn,
  yum: dnf,
  zypper,
};

/** Reads a command; `undefined` when its program is not a package manager. */
export function packageCommand({ program, args }: RunCommand): PackageCommand | undefined {
  if (/^(?:yum|dnf)-config-manager$/.test(program))
    return {
      ...divideArguments(args, dnf.valued),
      manager: "dnf",
      program,
      verb: "configure",
      packages: [],
    };
  if (/^python[\d.]*$/.test(program) && args[0] === "-m" && args[1] === "pip") return read(pip, "pip", args.slice(2));
  const name = /^pip[\d.]*$/.test(program) ? "pip" : program;
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  return form === undefined ? undefined : read(form, program, args);
}

/** True for the managers of the distribution's own packages. */
export function isSystemManager(manager: PackageManager): boolean {
  return ["apk", "apt", "dnf", "zypper"].includes(manager);
}

function read(form: ManagerForm, program: string, args: readonly string[]): PackageCommand {
  const divided = divideArguments(args, form.valued);
  const [first = "", ...rest] = divided.operands;
  // `yarn global add`, `dnf module install`, `yum groups install`.
  const leads = ["global", "module", "group", "groups"].includes(first) && rest[0] !== undefined;
  const word = leads ? (rest[0] ?? "") : first;
  const verb = Object.hasOwn(form.verbs, word) ? (form.verbs[word] ?? "other") : "other";
  return {
    ...divided,
    manager: form.manager,
    program,
    verb,
    packages: verb === "install" ? rest.slice(leads ? 1 : 0) : [],
  };
}
