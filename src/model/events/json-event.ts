/** One event of a JSON source: a Kubernetes audit event, an alert of another program, or any object. */
export interface JsonEvent {
  /** Its place in its stream, from 1. */
  readonly number: number;
  /** Nanoseconds since 1970: its own time where it has one, else when it was received. */
  readonly time: bigint;
  /** The source that rules name: `k8s_audit`, `json`, … */
  readonly source: string;
  readonly value: unknown;
}
