import { cisDocker, cwe } from "../mappings.ts";
import { type DockerfileCheck, dockerfileCheck } from "./dockerfile-check.ts";
import { commandCheck, runCheck } from "./run-check.ts";
import { divideArguments } from "./shell/invocation.ts";
import { isShell, type RunCommand } from "./shell/run-commands.ts";

const sudo: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/sudo",
    title: "Steps do not use sudo",
    severity: "medium",
    why: "sudo in an image gives its user a way back to root, and handles signals and terminals in its own way.",
    remediation: "Do what needs root before USER, without sudo.",
    mappings: [cwe("250")],
  },
  ({ program, through }) =>
    program === "sudo" || program === "doas" ? program : through.find((name) => name === "sudo" || name === "doas"),
);

const folder: DockerfileCheck = runCheck(
  {
    id: "dockerfile/run-cd",
    title: "WORKDIR changes the folder, not cd at the start of a step",
    severity: "negligible",
    why: "cd lasts for one step only, so the next one is easily run in another folder than was meant.",
    remediation: "Set WORKDIR above the step.",
    mappings: [],
  },
  function* ({ commands: [first] }) {
    if (first?.program === "cd")
      yield {
        command: first,
        evidence: [{ subject: "RUN", value: "cd", expected: "WORKDIR" }],
      };
  },
);

const pipefail: DockerfileCheck = runCheck(
  {
    id: "dockerfile/pipefail",
    title: "A failure in the middle of a pipe ends the build",
    severity: "low",
    why: "The shell looks at the last command of a pipe only: a download that fails goes unnoticed.",
    remediation: 'Set SHELL ["/bin/bash", "-o", "pipefail", "-c"], or begin the step with set -o pipefail.',
    mappings: [cwe("754")],
  },
  function* ({ commands, shell = [] }) {
    if (shell.includes("pipefail") || commands.some(setsPipefail)) return;
    const command = commands.find(({ shell: { pipedFrom } }) => pipedFrom !== undefined);
    if (command !== undefined)
      yield {
        command,
        evidence: [{ subject: "RUN", value: "|", expected: "pipefail" }],
      };
  },
);

const permissions: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/world-writable",
    title: "No step makes files writable for everyone",
    severity: "medium",
    why: "Any process in the container can then replace them, also one that has been taken over.",
    remediation: "Give the files to the user that needs them: COPY --chown, or chmod 750.",
    mappings: [cwe("732")],
  },
  ({ program, args }) => {
    const mode = program === "chmod" ? modeOf(args) : undefined;
    return mode !== undefined &&
      !/^0?[1357][0-7]{3}$/.test(mode) &&
      (/^[0-7]{0,2}[0-7][0-7][2367]$/.test(mode) || /^(?:[ug]*[ao][ugoa]*)?[+=][rxst]*w/.test(mode))
      ? `chmod ${mode}`
      : undefined;
  },
);

const setId: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/set-user-id",
    title: "No step sets the set-uid or set-gid bit",
    severity: "medium",
    why: "A flaw in such a program makes every user of the container root in it.",
    remediation: "Leave the bit out, and do what needs root before USER.",
    mappings: [cisDocker("4.8"), cwe("250")],
  },
  ({ program, args }) => {
    const mode = program === "chmod" ? modeOf(args) : undefined;
    return mode !== undefined && (/^0?[2-7][0-7]{3}$/.test(mode) || /[+=][rwxt]*s/.test(mode))
      ? `chmod ${mode}`
      : undefined;
  },
);

const pointless = new Set("free kill mount nano ps reboot service shutdown ssh systemctl top umount vi vim".split(" "));

const noPlace: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/pointless-command",
    title: "Steps run only what has an effect in a build",
    severity: "negligible",
    why: "Services, processes and mounts of a build step end with it, and nobody sits at its terminal.",
    remediation: "Remove the command.",
    mappings: [],
  },
  ({ program }) => (pointless.has(program) ? program : undefined),
);

const linkedShell: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/shell-link",
    title: "SHELL sets the shell, not a link in place of /bin/sh",
    severity: "low",
    why: "Scripts of packages rely on the /bin/sh of their distribution.",
    remediation: 'Write SHELL ["/bin/bash", "-c"].',
    mappings: [],
  },
  ({ program, args }) => (program === "ln" && args.at(-1) === "/bin/sh" ? "ln … /bin/sh" : undefined),
);

const highId: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/useradd-log",
    title: "useradd makes no huge log for a high user id",
    severity: "negligible",
    why: "The file of last logins has a place for every id up to the highest, and layers hold it in full.",
    remediation: "Add --no-log-init.",
    mappings: [],
  },
  ({ program, args }) => {
    if (program !== "useradd") return undefined;
    const { options, values } = divideArguments(args, ["-u", "--uid", "-g", "-G", "-d", "-s", "-c"]);
    const id = values.find(({ option }) => option === "-u" || option === "--uid")?.value ?? "";
    const isOff = options.some((option) => option === "--no-log-init" || /^-[a-zA-Z]*l[a-zA-Z]*$/.test(option));
    return /^\d{6,}$/.test(id) && !isOff ? `useradd -u ${id.slice(0, 12)}` : undefined;
  },
);

const privileged: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/privileged-step",
    title: "Steps run in the sandbox and network of the build",
    severity: "high",
    why: "Such a step can change the machine that builds, or talk to what listens on it.",
    remediation: "Remove --security=insecure and --network=host.",
    mappings: [cwe("250")],
  },
  {
    applies: ({ runs }) => runs.length > 0,
    *find({ runs }) {
      for (const { stage, step } of runs) {
        const flags = step.instruction.flags.filter(
          (flag) => flag === "--security=insecure" || flag === "--network=host",
        );
        const evidence = flags.map((flag) => ({ subject: "RUN", value: flag }));
        if (flags.length > 0) yield { instruction: step.instruction, stage, evidence };
      }
    },
  },
);

const readable: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/script-readable",
    title: "The scripts of all steps can be read",
    severity: "low",
    why: "The shell refuses a script with an open quote; checks of its commands see only a part.",
    remediation: "Close the quote or substitution.",
    mappings: [],
  },
  {
    applies: ({ runs }) => runs.length > 0,
    find: ({ runs }) =>
      runs.flatMap(({ step, stage, error }) =>
        error === undefined
          ? []
          : [
              {
                instruction: step.instruction,
                stage,
                evidence: [{ subject: "RUN" }],
                reason: error,
              },
            ],
      ),
  },
);

/** Checks of the commands of `RUN`. */
export const commandChecks: readonly DockerfileCheck[] = [
  sudo,
  folder,
  pipefail,
  permissions,
  setId,
  noPlace,
  linkedShell,
  highId,
  privileged,
  readable,
];

function modeOf(args: readonly string[]): string | undefined {
  return args.find((word) => !word.startsWith("-"));
}

function setsPipefail({ program, args }: RunCommand): boolean {
  return (program === "set" || isShell(program)) && args.includes("pipefail");
}
