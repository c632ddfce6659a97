import type { RegistryHost } from "../connection/registry-host.ts";
import type { RunProgram } from "../credentials/run-program.ts";

/** A server that is asked for something other than images. */
export type ApiServer = Pick<RegistryHost, "name" | "ask"> & Partial<Pick<RegistryHost, "hide">>;

/** Where the accounts at clouds stand from which credentials of their registries are made. */
export interface CloudAccounts {
  /**
   * The variables in which the clouds' own programs look: `AWS_…`, `GOOGLE_APPLICATION_CREDENTIALS`, `CLOUDSDK_CONFIG`,
   * `AZURE_…`.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** A server of a cloud, by its `HOST[:PORT]`: one that a cloud's documentation names, or the registry itself. */
  readonly connect: (host: string) => ApiServer;
  /** The same, past all proxies: what only this machine or its cloud can answer. */
  readonly connectDirectly: (host: string) => ApiServer;
  /** Runs a program that the user's settings name. */
  readonly runProgram: RunProgram;
  /** Ends what is asked for. */
  readonly signal: AbortSignal;
}
