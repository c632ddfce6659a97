import { counted } from "../../model/text/counted.ts";
import { internalAlert } from "../../rules/alerts/internal-alert.ts";
import { openProbe } from "../../sources/live/open-probe.ts";
import { callsOfRules } from "../live/calls-of-rules.ts";
import { ContainerLookup } from "../live/container-lookup.ts";
import { type WatchedKernel, type WatchOptions, watchKernel } from "./watch.ts";

/** How this machine is watched. */
export interface LiveInput {
  /** Path of the helper. */
  readonly program: string;
  /** Values of `DOCKER_HOST` of the engines that know the containers. */
  readonly engines: readonly string[];
}

/** Judges the events of this machine while they happen. Errors: `probe-unavailable`. */
export function watchLive(input: LiveInput, options: WatchOptions): Promise<void> {
  return watchKernel(() => openLive(input, options), { ...options, name: "of this machine" });
}

async function openLive(
  { program, engines }: LiveInput,
  { rules, flow, note, problem, signal }: WatchOptions,
): Promise<WatchedKernel> {
  const source = await openProbe({
    program,
    calls: callsOfRules(rules),
    problem,
    lost: (events) => {
      const message = `${counted(events, "event")} of this machine ${events === 1 ? "was" : "were"} lost; its state was read again`;
      problem({ code: "limit-exceeded", message });
      flow.tell(
        internalAlert("events lost", {
          message: `${message}.`,
          priority: "Critical",
          time: BigInt(Date.now()) * 1_000_000n,
          fields: [["events.lost", events]],
        }),
      );
    },
    unseen: (calls) =>
      problem({
        code: "not-examined",
        message: `${counted(calls, "system call")} of 32-bit programs ${calls === 1 ? "was" : "were"} not seen`,
      }),
    restarted: (reason) => note(`the probe was started again: ${reason}`, "Events in between were not seen."),
  });
  note("watching the system calls of this machine");
  const containers = new ContainerLookup(engines, signal);
  return { ...source, containers, use: (changed) => source.choose(callsOfRules(changed)) };
}
