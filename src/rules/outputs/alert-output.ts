import type { Alert } from "../../model/events/alert.ts";

/** Where alerts go. */
export interface AlertOutput {
  /** Its kind and where it leads, without secrets: `file /var/log/alerts`. */
  readonly id: string;
  /**
   * Takes an alert and its line, which has no newline. Alerts come one after another and are kept in that order. When
   * the promise is fulfilled, or there is none, the output answers for the alert as far as its own contract says; until
   * then the caller may go on writing or wait.
   *
   * Error: {@link PlimsollError} `output-not-written` when the alert is lost.
   */
  write(alert: Alert, formatted: string): void | Promise<void>;
  /** Fulfilled when all that was written has gone out, or was given up. */
  flush(): Promise<void>;
  /** Flushes within a bounded time and releases what is held; nothing may be written afterwards. */
  close(): Promise<void>;
  /** Opens again what has a name, after something else moved it away. */
  reopen?(): void;
}
