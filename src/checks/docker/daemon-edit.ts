import { shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { isDaemonArgument } from "./daemon-options.ts";
import type { DockerFacts } from "./docker-facts.ts";

/** What a script says once, behind the last change of the file. */
const restart: string = hint(
  "then restart dockerd (systemctl restart docker); without live-restore, its containers stop",
);

/**
 * Commands that change dockerd's configuration file with jq, by a program of jq's language: `.icc = false`. Owner, mode
 * and links of the file stay as they are. An option that is among dockerd's arguments gets only a hint, since dockerd
 * does not start with a setting in both places; there is no command when the place of the file is unknown.
 */
export function daemonEdit(
  { daemon }: Pick<DockerFacts, "daemon">,
  option: string,
  { jq }: { readonly jq: string },
): string[] {
  if ("unavailable" in daemon) return [];
  if (isDaemonArgument(daemon.value, option)) {
    return [
      hint(`--${option} is set on dockerd's command line: change it in the systemd unit, or where dockerd is started`),
      restart,
    ];
  }
  const path = shellWord(daemon.value.configPath);
  const written = shellWord(`${daemon.value.configPath}.new`);
  return [
    `[ -s ${path} ] || echo '{}' > ${path}`,
    `jq ${shellWord(jq)} ${path} > ${written}`,
    `cat ${written} > ${path}`,
    `rm ${written}`,
    restart,
  ];
}

/** A program of jq that sets a member. */
export function setMember(name: string, value: boolean | string): string {
  return `.${JSON.stringify(name)} = ${JSON.stringify(value)}`;
}

/** A program of jq that takes a member away, so that dockerd's default holds. */
export function removeMember(name: string): string {
  return `del(.${JSON.stringify(name)})`;
}
