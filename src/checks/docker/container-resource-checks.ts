import type { Check } from "../check.ts";
import { evidence, shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { known } from "../known.ts";
import { containerCheck, dockerCheck, fixable, judged, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

/** What a container may use up, and how it is kept running. */
export const containerResourceChecks: readonly Check<DockerFacts>[] = [
  dockerCheck(
    "swarm-mode",
    {
      title: "Swarm mode is off where nobody uses it",
      severity: "low",
      why: "It opens ports for the cluster, and gives managers power over every node.",
      remediation: "Leave the swarm when it is not needed.",
      cis: ["5.1"],
    },
    {
      needs: ["info"],
      evaluate(facts) {
        const { state } = known(facts.info).swarm;
        const seen = judged(state === "inactive", "state of the swarm", state, "inactive");
        return [state === "inactive" ? seen : { ...seen, commands: ["docker swarm leave"] }];
      },
    },
  ),
  containerCheck(
    "container-memory",
    {
      title: "The container has a limit on memory",
      severity: "medium",
      why: "Without one, a single container can take the memory of all others and of the host.",
      remediation: "Run it with --memory.",
      cis: ["5.11"],
    },
    {
      look: ({ memory, name }) =>
        memory === undefined
          ? untold("its limit on memory")
          : fixable(judged(memory > 0, "memory", memory > 0 ? `${memory} bytes` : "no limit", "a limit"), [
              hint(`choose a size, and: docker update --memory SIZE --memory-swap SIZE -- ${shellWord(name)}`),
            ]),
    },
  ),
  containerCheck(
    "container-cpu",
    {
      title: "The container has a weight or a limit on processors",
      severity: "low",
      why: "Without one, a single container can slow all others down.",
      remediation: "Run it with --cpus or --cpu-shares.",
      cis: ["5.12"],
    },
    {
      look({ cpuShares, nanoCpus, cpuQuota, name }) {
        if (cpuShares === undefined && nanoCpus === undefined) return untold("its share of processors");
        const set = [
          (cpuShares ?? 0) > 0 ? `${cpuShares} shares` : "",
          (nanoCpus ?? 0) > 0 ? `${(nanoCpus ?? 0) / 1e9} processors` : "",
          (cpuQuota ?? 0) > 0 ? `quota of ${cpuQuota} µs` : "",
        ].filter((part) => part !== "");
        const seen = judged(set.length > 0, "processors", set.join(", ") || "not set", "shares or a limit");
        return fixable(seen, [hint(`choose a number, and: docker update --cpus NUMBER -- ${shellWord(name)}`)]);
      },
    },
  ),
  containerCheck(
    "container-pids",
    {
      title: "The container has a limit on processes",
      severity: "medium",
      why: "Without one, a program that multiplies itself stops the whole host.",
      remediation: "Run it with --pids-limit.",
      cis: ["5.29"],
    },
    {
      look({ pidsLimit, name }) {
        if (pidsLimit === undefined) return untold("its limit on processes");
        const limited = pidsLimit !== null && pidsLimit > 0;
        const seen = judged(limited, "limit on processes", limited ? pidsLimit : "none", "a limit");
        return fixable(seen, [hint(`choose a number, and: docker update --pids-limit NUMBER -- ${shellWord(name)}`)]);
      },
    },
  ),
  containerCheck(
    "container-read-only",
    {
      title: "The container's root file system is read-only",
      severity: "medium",
      why: "Whoever gets in cannot leave programs behind, or change those that are there.",
      remediation: "Run it with --read-only, and --tmpfs or a volume for what must be written.",
      cis: ["5.13"],
    },
    {
      look: ({ readOnlyRoot }) =>
        readOnlyRoot === undefined
          ? untold("whether its root is read-only")
          : judged(readOnlyRoot, "read-only root", readOnlyRoot, "true"),
    },
  ),
  containerCheck(
    "container-restart",
    {
      title: "A failing container is restarted at most five times",
      severity: "low",
      why: "Endless restarts hide a failure, and load the host.",
      remediation: "Run it with --restart on-failure:5.",
      cis: ["5.15"],
    },
    {
      look({ restart, name }) {
        if (!restart) return untold("its restart policy");
        const bounded = restart.name === "on-failure" && restart.retries >= 1 && restart.retries <= 5;
        const value = restart.name === "on-failure" ? `on-failure:${restart.retries || "without end"}` : restart.name;
        const seen = judged(
          bounded || restart.name === "no",
          "restart policy",
          value,
          "on-failure with 1 to 5 tries, or no",
        );
        return fixable(seen, [`docker update --restart on-failure:5 -- ${shellWord(name)}`]);
      },
    },
  ),
  containerCheck(
    "container-ulimits",
    {
      title: "The container's own limits of resources were meant",
      severity: "low",
      why: "They replace the daemon's, and may be wider.",
      remediation: "Run it without --ulimit where the daemon's limits suit.",
      cis: ["5.19"],
    },
    {
      look({ ulimits }) {
        if (ulimits.length === 0) return { state: "pass", evidence: [evidence("limits of its own", "none")] };
        const seen = [evidence("limits of its own", ulimits.join(" "))];
        return { state: "manual", evidence: seen, reason: "whether these limits suit, only a person can tell" };
      },
    },
  ),
  containerCheck(
    "container-cgroup-parent",
    {
      title: "The container is in the control group that the daemon gives",
      severity: "low",
      why: "Another parent can take limits away.",
      remediation: "Run it without --cgroup-parent unless the group's limits were reviewed.",
      cis: ["5.25"],
    },
    {
      look({ cgroupParent }) {
        if (cgroupParent === undefined) return untold("its control group");
        if (cgroupParent === "") return { state: "pass", evidence: [evidence("parent control group", "the daemon's")] };
        const seen = [evidence("parent control group", cgroupParent)];
        return {
          state: "manual",
          evidence: seen,
          reason: "whether the limits of this control group suit, only a person can tell",
        };
      },
    },
  ),
  containerCheck(
    "container-health",
    {
      title: "The health of the container is checked while it runs",
      severity: "low",
      why: "Without a check, the engine takes a program that hangs for one that works.",
      remediation: "Run it with --health-cmd, or from an image with HEALTHCHECK.",
      cis: ["5.27"],
    },
    {
      look({ health, healthCheck, state }) {
        if (state !== "running") {
          return healthCheck
            ? judged(true, "health check", "there", "there")
            : judged(false, "health check", "none", "there");
        }
        return judged(
          health !== undefined && health !== "unhealthy",
          "health",
          health ?? "not checked",
          "healthy or starting",
        );
      },
    },
  ),
];
