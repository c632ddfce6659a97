import type { Writable } from "node:stream";
import type { ProxyEnvironment } from "../../io/http/http-client.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import type { AlertOutput } from "../../rules/outputs/alert-output.ts";
import type { AlertRoute } from "../../rules/outputs/alert-outputs.ts";
import { DeliveringOutput } from "../../rules/outputs/delivering-output.ts";
import { DiskQueue } from "../../rules/outputs/disk-queue.ts";
import { FileOutput } from "../../rules/outputs/file-output.ts";
import { HttpSender } from "../../rules/outputs/http-sender.ts";
import { MemoryQueue } from "../../rules/outputs/memory-queue.ts";
import { ProgramSender } from "../../rules/outputs/program-sender.ts";
import type { Sender } from "../../rules/outputs/sender.ts";
import { StreamOutput } from "../../rules/outputs/stream-output.ts";
import { syslogSender } from "../../rules/outputs/syslog-sender.ts";
import { parseSyslogTarget } from "../../rules/outputs/syslog-target.ts";
import { readText } from "./rule-files.ts";
import type { OutputSpec } from "./watch-config.ts";

/** What outputs need of the program that opens them. */
export interface OutputSurroundings {
  readonly stdout: Writable;
  readonly environment: Readonly<Record<string, string | undefined>> & ProxyEnvironment;
  /** The line of an alert that an output makes about itself. */
  readonly format: (alert: Alert, format: "text" | "json") => string;
  readonly metrics: AlertMetrics;
  /** Told that an output does not take alerts: once for each reason until it takes some again. */
  readonly onStuck: (output: string, reason: string) => void;
  /** Told that the queue of an output has so many stretches of bytes that are not alerts. */
  readonly onDamaged: (output: string, stretches: number) => void;
}

/**
 * Opens outputs; when one cannot be opened, those before it are closed. Errors: `usage` for a place that cannot be,
 * `output-not-written`, those of reading certificates.
 */
export async function openOutputs(
  specs: readonly OutputSpec[],
  surroundings: OutputSurroundings,
): Promise<readonly AlertRoute[]> {
  const routes: AlertRoute[] = [];
  try {
    for (const [index, spec] of specs.entries()) routes.push(await openOutput(spec, { ...surroundings, index }));
    return routes;
  } catch (error) {
    await Promise.allSettled(routes.map(({ output }) => output.close()));
    throw error;
  }
}

async function openOutput(
  spec: OutputSpec,
  surroundings: OutputSurroundings & { readonly index: number },
): Promise<AlertRoute> {
  const format = spec.format ?? (spec.to.startsWith("syslog:") ? "text" : "json");
  const output = await outputOf(spec, format, surroundings);
  return { output, format, ...(spec.priority && { minimumPriority: spec.priority }) };
}

async function outputOf(
  spec: OutputSpec,
  format: "text" | "json",
  surroundings: OutputSurroundings & { readonly index: number },
): Promise<AlertOutput> {
  const { to, maxBytes, keep } = spec;
  if (to === "stdout") return new StreamOutput(surroundings.stdout, { id: "stdout" });
  if (to.startsWith("file:")) {
    return new FileOutput(to.slice("file:".length), {
      ...(maxBytes !== undefined && { maxBytes }),
      ...(keep !== undefined && { keep }),
    });
  }
  const sender = senderOf(spec, surroundings);
  const queue = await queueOf(spec);
  if (queue instanceof DiskQueue && queue.damaged > 0) surroundings.onDamaged(sender.id, queue.damaged);
  let told: { readonly reason: string; readonly progress: number } | undefined;
  const output: DeliveringOutput = new DeliveringOutput(sender, {
    queue,
    format: (alert) => surroundings.format(alert, format),
    onFailure: (reason) => {
      const { progress } = output;
      if (told?.reason === reason && told.progress === progress) return;
      told = { reason, progress };
      surroundings.onStuck(sender.id, reason);
    },
  });
  // Two outputs may lead to one server.
  surroundings.metrics.watchOutput(`${surroundings.index + 1} ${sender.id}`, () => output.counts);
  return output;
}

function senderOf(spec: OutputSpec, { environment }: OutputSurroundings): Sender {
  const { to, headers, batch, compress, timeout, args = [], perAlert, ca, certificate, key } = spec;
  const tls = {
    ...(ca !== undefined && { ca: readText(ca) }),
    ...(certificate !== undefined && { certificate: readText(certificate) }),
    ...(key !== undefined && { key: readText(key) }),
  };
  if (/^https?:/.test(to)) {
    return new HttpSender(to, {
      tls,
      proxies: environment,
      ...(headers && { headers }),
      ...(batch && { form: batch }),
      ...(compress !== undefined && { compresses: compress }),
      ...(timeout !== undefined && { timeout }),
    });
  }
  if (to.startsWith("syslog:")) return syslogSender(parseSyslogTarget(to.slice("syslog:".length)), { tls });
  if (to.startsWith("program:/")) {
    return new ProgramSender(
      { path: to.slice("program:".length), args },
      {
        environment,
        ...(perAlert !== undefined && { isPerAlert: perAlert }),
        ...(timeout !== undefined && { timeout }),
      },
    );
  }
  throw new PlimsollError("usage", `alerts cannot go to ${JSON.stringify(to.split("?")[0])}`, {
    hint: "Use stdout, file:PATH, http(s)://HOST/PATH, syslog:TARGET, or program:/ABSOLUTE/PATH.",
  });
}

async function queueOf({ queue, queueBytes }: OutputSpec): Promise<DiskQueue | MemoryQueue> {
  const options = queueBytes === undefined ? {} : { maxBytes: queueBytes };
  return queue === undefined ? new MemoryQueue(options) : await DiskQueue.open(queue, options);
}
