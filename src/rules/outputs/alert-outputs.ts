import { type Alert, type Priority, priorities } from "../../model/events/alert.ts";
import {
  type AlertJsonOptions,
  type AlertTextOptions,
  formatAlertJson,
  formatAlertText,
} from "../alerts/format-alert.ts";
import type { AlertOutput } from "./alert-output.ts";

/** An output, what its lines look like, and what goes there. */
export interface AlertRoute {
  readonly output: AlertOutput;
  readonly format: "text" | "json";
  /** The least urgent priority that goes there; all unless given. */
  readonly minimumPriority?: Priority;
}

/** Options of several outputs together. */
export interface AlertOutputsOptions {
  readonly text: AlertTextOptions;
  readonly json: AlertJsonOptions;
  /** Told of each alert that an output lost, and of each output that could not be closed well. */
  readonly onFailure: (output: AlertOutput, error: unknown) => void;
}

/** Gives each alert to all outputs that want it. A failing or slow output does not keep alerts from the others. */
export class AlertOutputs {
  readonly #routes: readonly (AlertRoute & { readonly lowest: number })[];
  readonly #options: AlertOutputsOptions;

  constructor(routes: readonly AlertRoute[], options: AlertOutputsOptions) {
    this.#routes = routes.map((route) => ({ ...route, lowest: priorities.indexOf(route.minimumPriority ?? "Debug") }));
    this.#options = options;
  }

  /**
   * Never fails. When there is a promise, an output has not yet taken the alert; a caller that waits for it keeps
   * memory small.
   */
  write(alert: Alert): void | Promise<void> {
    const urgency = priorities.indexOf(alert.priority);
    const lines: { text?: string; json?: string } = {};
    const pending: Promise<void>[] = [];
    for (const { output, format, lowest } of this.#routes) {
      if (urgency > lowest) continue;
      try {
        lines[format] ??= this.format(alert, format);
        const written = output.write(alert, lines[format]);
        if (written) pending.push(written.catch((error) => this.#options.onFailure(output, error)));
      } catch (error) {
        this.#options.onFailure(output, error);
      }
    }
    if (pending.length > 0) return Promise.all(pending).then(() => undefined);
  }

  /** The line of an alert. */
  format(alert: Alert, format: "text" | "json"): string {
    return format === "text" ? formatAlertText(alert, this.#options.text) : formatAlertJson(alert, this.#options.json);
  }

  async flush(): Promise<void> {
    await this.#each((output) => output.flush());
  }

  /** Opens files again, after something moved them away. */
  async reopen(): Promise<void> {
    await this.#each((output) => output.reopen?.());
  }

  async close(): Promise<void> {
    await this.#each((output) => output.close());
  }

  async #each(work: (output: AlertOutput) => void | Promise<void>): Promise<void> {
    await Promise.all(
      this.#routes.map(async ({ output }) => {
        try {
          await work(output);
        } catch (error) {
          this.#options.onFailure(output, error);
        }
      }),
    );
  }
}
