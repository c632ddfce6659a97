import { cisDocker, cwe } from "../mappings.ts";
import { type DockerfileCheck, dockerfileCheck } from "./dockerfile-check.ts";
import { commandCheck, runCheck } from "./run-check.ts";
import { divideArguments } from "./shell/invocation.ts";
import { isShell, type RunCommand } from "./shell/run-commands.ts";

const sudo: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/sudo",
    title: { pass: "Build steps do not use sudo", fail: "Build step uses sudo" },
    severity: "medium",
    why: "With sudo in the image, its user can become root again; sudo also changes how signals and terminals work.",
    remediation: "Run the steps that need root before USER, without sudo.",
    mappings: [cwe("250")],
  },
  ({ program, through }) =>
    program === "sudo" || program === "doas" ? program : through.find((name) => name === "sudo" || name === "doas"),
);

const folder: DockerfileCheck = runCheck(
  {
    id: "dockerfile/run-cd",
    title: { pass: "RUN steps do not start with cd", fail: "RUN step starts with cd" },
    severity: "negligible",
    why: "cd applies to one step only, so the next step can run in the wrong directory.",
    remediation: "Set WORKDIR before the step.",
    mappings: [],
  },
  function* ({ commands: [first] }) {
    if (first?.program === "cd")
      yield {
        command: first,
        evidence: [{ subject: "RUN", value: "starts with cd", expected: "WORKDIR" }],
      };
  },
);

const pipefail: DockerfileCheck = runCheck(
  {
    id: "dockerfile/pipefail",
    title: { pass: "RUN steps with a pipe use pipefail", fail: "RUN uses a pipe without pipefail" },
    severity: "low",
    why: "Only the exit status of the last command in a pipe counts, so a failed download is not noticed.",
    remediation: 'Set SHELL ["/bin/bash", "-o", "pipefail", "-c"], or start the step with set -o pipefail.',
    mappings: [cwe("754")],
  },
  function* ({ commands, shell = [] }) {
    if (shell.includes("pipefail") || commands.some(setsPipefail)) return;
    const command = commands.find(({ shell: { pipedFrom } }) => pipedFrom !== undefined);
    if (command !== undefined)
      yield {
        command,
        evidence: [{ subject: "RUN", value: "pipe without pipefail" }],
      };
  },
);

const permissions: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/world-writable",
    title: { pass: "Build steps create no world-writable files", fail: "Build step makes files world-writable" },
    severity: "medium",
    why: "Every process in the container, including a compromised one, can replace the files.",
    remediation: "Make the user that needs the files their owner (COPY --chown), or use chmod 750.",
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
    title: { pass: "Build steps set no setuid or setgid bit", fail: "Build step sets the setuid or setgid bit" },
    severity: "medium",
    why: "A vulnerability in such a program makes every user of the container root.",
    remediation: "Do not set the bit; run the steps that need root before USER.",
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
    title: {
      pass: "Build steps contain no command without effect",
      fail: "Build step contains a command without effect",
    },
    severity: "negligible",
    why: "Services, processes and mounts of a build step end with it, and the step has no terminal.",
    remediation: "Remove the command.",
    mappings: [],
  },
  ({ program }) => (pointless.has(program) ? program : undefined),
);

const linkedShell: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/shell-link",
    title: { pass: "/bin/sh is not replaced by another shell", fail: "/bin/sh is replaced by another shell" },
    severity: "low",
    why: "Package scripts depend on the /bin/sh of their distribution.",
    remediation: 'Use SHELL ["/bin/bash", "-c"].',
    mappings: [],
  },
  ({ program, args }) => (program === "ln" && args.at(-1) === "/bin/sh" ? "ln … /bin/sh" : undefined),
);

const highId: DockerfileCheck = commandCheck(
  {
    id: "dockerfile/useradd-log",
    title: {
      pass: "useradd does not create a huge log file",
      fail: "useradd creates a huge log file for a high user ID",
    },
    severity: "negligible",
    why: "The last-login file has an entry for every ID up to the highest, and the layer stores all of it.",
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
    title: { pass: "Build steps run in the build sandbox", fail: "Build step runs outside the build sandbox" },
    severity: "high",
    why: "The step can change the build machine or connect to services on it.",
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
    title: { pass: "Shell scripts of RUN steps can be parsed", fail: "Shell script of a RUN step cannot be parsed" },
    severity: "low",
    why: "The shell rejects a script with an unclosed quote, and checks of its commands are incomplete.",
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
                evidence: [{ subject: "RUN", value: "script that cannot be parsed" }],
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
