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
      title: { pass: "Swarm mode is not active", fail: "Swarm mode is active" },
      severity: "low",
      why: "Swarm mode opens cluster ports and gives managers control over every node.",
      remediation: "Leave the swarm if it is not used.",
      cis: ["5.1"],
    },
    {
      needs: ["info"],
      evaluate(facts) {
        const { state } = known(facts.info).swarm;
        const seen = judged(state === "inactive", "swarm state", state, "inactive");
        return [state === "inactive" ? seen : { ...seen, commands: ["docker swarm leave"] }];
      },
    },
  ),
  containerCheck(
    "container-memory",
    {
      title: { pass: "Container has a memory limit", fail: "Container has no memory limit" },
      severity: "medium",
      why: "Without a limit, one container can use up the memory of the host and all other containers.",
      remediation: "Run the container with --memory.",
      cis: ["5.11"],
    },
    {
      look: ({ memory, name }) =>
        memory === undefined
          ? untold("the memory limit")
          : fixable(judged(memory > 0, "memory limit", memory > 0 ? `${memory} bytes` : "none", "a limit"), [
              hint(`choose a size: docker update --memory SIZE --memory-swap SIZE -- ${shellWord(name)}`),
            ]),
    },
  ),
  containerCheck(
    "container-cpu",
    {
      title: {
        pass: "Container has CPU shares or a CPU limit",
        fail: "Container has neither CPU shares nor a CPU limit",
      },
      severity: "low",
      why: "Without them, one container can slow down all others.",
      remediation: "Run the container with --cpus or --cpu-shares.",
      cis: ["5.12"],
    },
    {
      look({ cpuShares, nanoCpus, cpuQuota, name }) {
        if (cpuShares === undefined && nanoCpus === undefined) return untold("the CPU shares");
        const set = [
          (cpuShares ?? 0) > 0 ? `${cpuShares} shares` : "",
          (nanoCpus ?? 0) > 0 ? `${(nanoCpus ?? 0) / 1e9} CPUs` : "",
          (cpuQuota ?? 0) > 0 ? `quota of ${cpuQuota} µs` : "",
        ].filter((part) => part !== "");
        const seen = judged(set.length > 0, "CPU limits", set.join(", ") || "none", "shares or a limit");
        return fixable(seen, [hint(`choose a number: docker update --cpus NUMBER -- ${shellWord(name)}`)]);
      },
    },
  ),
  containerCheck(
    "container-pids",
    {
      title: { pass: "Container has a process limit", fail: "Container has no process limit" },
      severity: "medium",
      why: "Without a limit, a fork bomb stops the whole host.",
      remediation: "Run the container with --pids-limit.",
      cis: ["5.29"],
    },
    {
      look({ pidsLimit, name }) {
        if (pidsLimit === undefined) return untold("the process limit");
        const limited = pidsLimit !== null && pidsLimit > 0;
        const seen = judged(limited, "process limit", limited ? pidsLimit : "none", "a limit");
        return fixable(seen, [hint(`choose a number: docker update --pids-limit NUMBER -- ${shellWord(name)}`)]);
      },
    },
  ),
  containerCheck(
    "container-read-only",
    {
      title: { pass: "Container has a read-only root file system", fail: "Container has a writable root file system" },
      severity: "medium",
      why: "With a writable root file system, an attacker can add programs or change existing ones.",
      remediation: "Run the container with --read-only, and use --tmpfs or a volume for data.",
      cis: ["5.13"],
    },
    {
      look: ({ readOnlyRoot }) =>
        readOnlyRoot === undefined
          ? untold("whether the root file system is read-only")
          : judged(readOnlyRoot, "read-only root file system", readOnlyRoot, "true"),
    },
  ),
  containerCheck(
    "container-restart",
    {
      title: {
        pass: "Failed container is restarted at most five times",
        fail: "Failed container can be restarted more than five times",
      },
      severity: "low",
      why: "Endless restarts hide a failure and load the host.",
      remediation: "Run the container with --restart on-failure:5.",
      cis: ["5.15"],
    },
    {
      look({ restart, name }) {
        if (!restart) return untold("the restart policy");
        const bounded = restart.name === "on-failure" && restart.retries >= 1 && restart.retries <= 5;
        const value = restart.name === "on-failure" ? `on-failure:${restart.retries || "unlimited"}` : restart.name;
        const seen = judged(
          bounded || restart.name === "no",
          "restart policy",
          value,
          "on-failure with 1 to 5 retries, or no",
        );
        return fixable(seen, [`docker update --restart on-failure:5 -- ${shellWord(name)}`]);
      },
    },
  ),
  containerCheck(
    "container-ulimits",
    {
      title: {
        pass: "Container uses the default ulimits of the daemon",
        fail: "Container overrides the default ulimits of the daemon",
      },
      severity: "low",
      why: "A container's ulimits replace those of the daemon and can be wider.",
      remediation: "Remove --ulimit where the daemon's ulimits are sufficient.",
      cis: ["5.19"],
    },
    {
      look({ ulimits }) {
        if (ulimits.length === 0) return { state: "pass", evidence: [evidence("ulimits", "default")] };
        const seen = [evidence("ulimits", ulimits.join(" "))];
        return { state: "manual", evidence: seen, reason: "review whether these ulimits are appropriate" };
      },
    },
  ),
  containerCheck(
    "container-cgroup-parent",
    {
      title: { pass: "Container uses the default cgroup parent", fail: "Container uses a custom cgroup parent" },
      severity: "low",
      why: "A different cgroup parent can lift limits.",
      remediation: "Remove --cgroup-parent, unless the limits of that cgroup have been reviewed.",
      cis: ["5.25"],
    },
    {
      look({ cgroupParent }) {
        if (cgroupParent === undefined) return untold("the cgroup parent");
        if (cgroupParent === "") return { state: "pass", evidence: [evidence("cgroup parent", "default")] };
        const seen = [evidence("cgroup parent", cgroupParent)];
        return {
          state: "manual",
          evidence: seen,
          reason: "review the limits of this cgroup",
        };
      },
    },
  ),
  containerCheck(
    "container-health",
    {
      title: {
        pass: "Container has a health check that does not fail",
        fail: "Container has no health check or is unhealthy",
      },
      severity: "low",
      why: "Without a health check, the engine does not notice that a program hangs.",
      remediation:
        "Run the container with --health-cmd, or use an image with HEALTHCHECK, and repair a container that is unhealthy.",
      cis: ["5.27"],
    },
    {
      look({ health, healthCheck, state }) {
        if (state !== "running") {
          return healthCheck
            ? judged(true, "health check", "defined", "defined")
            : judged(false, "health check", "none", "defined");
        }
        return judged(
          health !== undefined && health !== "unhealthy",
          "health",
          health ?? "no health check",
          "healthy or starting",
        );
      },
    },
  ),
];
