import type { HostView } from "../../model/checks/host-view.ts";
import type { HostProbe } from "./component-config.ts";

/** What variables of definition files ask of a host. A file that cannot be examined counts as missing. */
export function hostProbe(host: HostView): HostProbe {
  return {
    async commandLines(program) {
      const processes = await host.processes();
      if ("unavailable" in processes) return [];
      // The kernel cuts the names of programs.
      const name = program.slice(0, 15);
      return processes.filter((process) => process.name === name).map(({ argv }) => argv.join(" "));
    },
    async exists(path) {
      const status = await host.status(path);
      return status !== undefined && !("unavailable" in status);
    },
  };
}
