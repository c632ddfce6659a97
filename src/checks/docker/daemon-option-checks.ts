import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { daemonEdit, removeMember, setMember } from "./daemon-edit.ts";
import type { DaemonOption } from "./daemon-options.ts";
import { daemonOption } from "./daemon-options.ts";
import { lookAtTls } from "./daemon-tls.ts";
import { type DaemonFacts, dockerCheck, fixable, judged, type Look, optionCheck } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

/** Settings of the daemon in its arguments and its configuration file. */
export const daemonOptionChecks: readonly Check<DockerFacts>[] = [
  optionCheck(
    "daemon-log-level",
    {
      title: { pass: "Docker daemon logs at level info", fail: "Docker daemon does not log at level info" },
      severity: "low",
      why: "Higher levels hide events, and debug logs requests with their contents.",
      remediation: "Set log-level to info, and debug to false.",
      cis: ["2.3"],
    },
    {
      option: "log-level",
      look(option, facts) {
        const debug = daemonOption(facts.settings, "debug");
        const debugging = "value" in debug && debug.value?.values.at(-1) === "true";
        const level = option?.values.at(-1) ?? (debugging ? "debug" : "info");
        const source = option?.source ?? (debugging && "value" in debug ? debug.value?.source : undefined);
        const seen = judged(
          level === "info" && !debugging,
          source ?? "log-level",
          source ? level : "not set (info)",
          "info",
        );
        const commands = ["log-level", "debug"].flatMap((name) => daemonEdit(facts, name, { jq: removeMember(name) }));
        return fixable(seen, commands);
      },
    },
  ),
  optionCheck(
    "daemon-iptables",
    {
      title: { pass: "Docker daemon manages iptables rules", fail: "Docker daemon does not manage iptables rules" },
      severity: "medium",
      why: "Without Docker's rules, networks are not isolated from each other and published ports are not filtered as expected.",
      remediation: "Remove iptables=false from the daemon settings.",
      cis: ["2.4"],
    },
    {
      option: "iptables",
      look: (option, facts) => switched(option, facts, { name: "iptables", wanted: true, usual: true }),
    },
  ),
  dockerCheck(
    "daemon-tls",
    {
      title: {
        pass: "Docker daemon requires client certificates on every TCP address",
        fail: "Docker daemon accepts TCP connections without client certificates",
      },
      severity: "critical",
      why: "Any client that can reach an open port of the daemon can become root on the host.",
      remediation: "Remove the tcp:// address, or set tlsverify with tlscacert, tlscert and tlskey.",
      cis: ["2.7"],
    },
    { needs: ["daemon"], evaluate: (facts) => [lookAtTls(facts)] },
  ),
  optionCheck(
    "daemon-ulimits",
    {
      title: {
        pass: "Docker daemon sets default ulimits for containers",
        fail: "Docker daemon sets no default ulimits for containers",
      },
      severity: "low",
      why: "A container without limits on open files and processes can exhaust those of the host.",
      remediation: "Set default-ulimits to what the workloads need.",
      cis: ["2.8"],
    },
    {
      option: "default-ulimit",
      look: (option) =>
        option
          ? { state: "pass", evidence: [evidence(option.source, option.values.join(" "))] }
          : {
              state: "manual",
              evidence: [evidence("default-ulimits", undefined)],
              reason: "no default ulimits are set; review whether the limits of the daemon suit the workloads",
            },
    },
  ),
  optionCheck(
    "daemon-cgroup-parent",
    {
      title: {
        pass: "Docker daemon uses the default cgroup parent",
        fail: "Docker daemon uses a custom cgroup parent",
      },
      severity: "low",
      why: "A different cgroup parent can lift the limits that apply to Docker's own.",
      remediation: "Leave cgroup-parent unset, unless the limits of that cgroup have been reviewed.",
      cis: ["2.10"],
    },
    {
      option: "cgroup-parent",
      look: (option) =>
        option
          ? {
              state: "manual",
              evidence: [evidence(option.source, option.values.join(" "))],
              reason: "review the limits of this cgroup",
            }
          : { state: "pass", evidence: [evidence("cgroup-parent", "not set (docker or system.slice)")] },
    },
  ),
  optionCheck(
    "daemon-base-size",
    {
      title: {
        pass: "Container file systems have the default size",
        fail: "Container file systems have a custom size",
      },
      severity: "low",
      why: "A larger size lets one container fill the disk.",
      remediation: "Remove dm.basesize from storage-opts.",
      cis: ["2.11"],
    },
    {
      option: "storage-opt",
      look(option, facts) {
        const size = option?.values.find((value) => value.startsWith("dm.basesize"));
        const seen = judged(
          size === undefined,
          option?.source ?? "storage-opts",
          size ?? "no dm.basesize",
          "no dm.basesize",
        );
        const jq = '."storage-opts" |= map(select(startswith("dm.basesize") | not))';
        return fixable(seen, daemonEdit(facts, "storage-opt", { jq }));
      },
    },
  ),
  optionCheck(
    "daemon-no-new-privileges",
    {
      title: {
        pass: "Docker daemon sets no-new-privileges by default",
        fail: "Docker daemon does not set no-new-privileges by default",
      },
      severity: "medium",
      why: "Without it, set-uid programs in an image can turn any user of the container into root.",
      remediation: "Set no-new-privileges to true.",
      cis: ["2.14"],
    },
    {
      option: "no-new-privileges",
      look: (option, facts) => switched(option, facts, { name: "no-new-privileges", wanted: true, usual: false }),
    },
  ),
  optionCheck(
    "daemon-userland-proxy",
    {
      title: { pass: "Userland proxy is disabled", fail: "Userland proxy is enabled" },
      severity: "low",
      why: "The proxy runs as root on the host for each published port, and hides the source address of connections.",
      remediation: "Set userland-proxy to false.",
      cis: ["2.16"],
    },
    {
      option: "userland-proxy",
      look: (option, facts) => switched(option, facts, { name: "userland-proxy", wanted: false, usual: true }),
    },
  ),
];

function switched(
  option: DaemonOption | undefined,
  facts: DaemonFacts,
  { name, wanted, usual }: { readonly name: string; readonly wanted: boolean; readonly usual: boolean },
): Look {
  const written = option?.values.at(-1);
  const on = written === undefined ? usual : /^(?:true|1|t)$/i.test(written);
  const seen = judged(on === wanted, option?.source ?? name, written ?? `not set (${usual})`, String(wanted));
  return fixable(seen, daemonEdit(facts, name, { jq: setMember(name, wanted) }));
}
