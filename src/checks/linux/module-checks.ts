import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { appendLine } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

const fileSystems = ["cramfs", "freevxfs", "hfs", "hfsplus", "jffs2"];
const unneeded: readonly { readonly module: string; readonly what: string; readonly cis?: HostControls }[] = [
  ...fileSystems.map((module, index) => ({
    module,
    what: "file system",
    cis: { ubuntu: [`1.1.1.${index + 1}`], redHat: [`1.1.1.${index + 1}`] },
  })),
  { module: "udf", what: "file system", cis: { ubuntu: ["1.1.1.8"], redHat: ["1.1.1.7"] } },
  { module: "usb-storage", what: "USB disks", cis: { ubuntu: ["1.1.1.9"], redHat: ["1.1.1.8"] } },
  ...["dccp", "tipc", "rds", "sctp"].map((module, index) => ({
    module,
    what: "network protocol",
    cis: { ubuntu: [`3.2.${index + 1}`], redHat: [`3.2.${index + 1}`] },
  })),
  ...["ax25", "netrom", "rose", "can", "n_hdlc"].map((module) => ({ module, what: "network protocol" })),
];

/** Modules that a container host does not need. A container can cause the kernel to load some of them. */
export const moduleChecks: readonly Check<HostFacts>[] = unneeded.map(({ module, what, cis }) =>
  hostCheck(
    `module-${module.replaceAll("_", "-")}`,
    {
      title: {
        pass: `Kernel module ${module} (${what}) is unavailable`,
        fail: `Kernel module ${module} (${what}) is available`,
      },
      severity: "low",
      why: "Rarely needed modules had vulnerabilities that gave root, and a process in a container can cause the kernel to load them.",
      remediation: `Write "install ${module} /bin/false" and "blacklist ${module}" to a file in /etc/modprobe.d.`,
      ...(cis && { cis }),
    },
    { needs: ["modules"], evaluate: (facts) => [observe(module, known(facts.modules))] },
  ),
);

function observe(module: string, modules: Extract<HostFacts["modules"], { value: unknown }>["value"]): Observation {
  const fact = Object.hasOwn(modules, module) ? modules[module] : undefined;
  if (!fact) return { state: "warn", evidence: [], reason: `the facts have no data for ${module}` };
  const off = /(?:^|\/)(?:true|false)$/.test(fact.install?.split(" ")[0] ?? "");
  const seen = [
    evidence(
      `module ${module}`,
      fact.loaded ? "loaded" : fact.builtIn ? "built into the kernel" : "not loaded",
      "not loaded",
    ),
    evidence(`install ${module}`, fact.install, "/bin/false"),
    evidence(`blacklist ${module}`, fact.blacklisted ? "set" : undefined, "set"),
  ];
  const commands = [
    appendLine(`/etc/modprobe.d/plimsoll-${module}.conf`, `install ${module} /bin/false`),
    appendLine(`/etc/modprobe.d/plimsoll-${module}.conf`, `blacklist ${module}`),
    ...(fact.loaded ? [`modprobe -r ${module} || echo '${module} is in use; it is unloaded at the next boot'`] : []),
  ];
  if (fact.loaded || fact.builtIn) return { state: "fail", evidence: seen, ...(fact.loaded && { commands }) };
  if (!fact.present) return { state: "pass", evidence: seen, reason: `the running kernel does not include ${module}` };
  return off ? { state: "pass", evidence: seen } : { state: "fail", evidence: seen, commands };
}
