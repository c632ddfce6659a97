import { dirname, isAbsolute, resolve } from "node:path";
import { oneLine } from "../../io/one-line.ts";
import { ChildProcessFailure, findProgram, runChildProcess } from "../../io/processes/child-process.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";

/**
 * A program that gives credentials for a cluster, such as `aws` or `gke-gcloud-auth-plugin`. The variable
 * `KUBERNETES_EXEC_INFO` holds the request, an `ExecCredential` in JSON, and the program answers with one on its
 * standard output, whose `status` holds `token`, or `clientCertificateData` and `clientKeyData` (PEM).
 *
 * Source: Kubernetes, "client-go credential plugins"; `client.authentication.k8s.io` v1 and v1beta1.
 */
export interface ExecPlugin {
  /** A name to be found on the path, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: ExecApiVersion;
  /** What to do when there is no such program. */
  readonly installHint?: string;
  /** The cluster as `spec.cluster`, when the plug-in requests it. */
  readonly cluster?: JsonObject;
}

/** The supported versions of the format. */
export type ExecApiVersion = "client.authentication.k8s.io/v1" | "client.authentication.k8s.io/v1beta1";

/** What programs that a kubeconfig names are run with. */
export interface ExecSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders as `PATH` has them. */
  readonly searchPath: string;
  /**
   * Given what a plug-in writes to its standard error, piece by piece as it comes, which may be how to log in; before
   * the first of it, who says it. It may hold anything. Absent without a reader: then it is hidden.
   */
  readonly tell?: (words: string) => void;
  /** Milliseconds that a plug-in may take: a minute unless given, and ten for a person to log in where `tell` is. */
  readonly timeout?: number;
}

/** What a plug-in gave. */
export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
}

const longestRun = 60_000;
const longestLogin = 600_000;
const maxOutput = 1024 * 1024;

/**
 * Runs a plug-in, without a shell and without a standard input. Nothing that it writes appears in an error.
 *
 * Errors: `engine-failed` when there is no such program, or it fails, takes too long or answers in another form; the
 * signal's reason.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  { environment, searchPath, tell, signal, ...bounds }: ExecSurroundings & { readonly signal: AbortSignal },
): Promise<ExecCredential> {
  const { timeout = tell ? longestLogin : longestRun } = bounds;
  const { command, args, env, apiVersion, installHint, cluster } = plugin;
  const path = isAbsolute(command) ? command : await findProgram(command, searchPath);
  if (path === undefined) {
    throw failed(
      command,
      "was not found in PATH",
      oneLine(installHint ?? "") || "Install the program, or use another context.",
    );
  }
  const request = { apiVersion, kind: "ExecCredential", spec: { interactive: false, ...(cluster && { cluster }) } };
  const decoder = new TextDecoder();
  let speaker = `The program ${oneLine(command)} in the kubeconfig reports:\n`;
  const pass = (piece: Buffer): void => {
    tell?.(speaker + decoder.decode(piece, { stream: true }));
    speaker = "";
  };
  const result = await runChildProcess(
    { path, args },
    {
      environment: { ...environment, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(request) },
      timeout,
      maxOutput,
      ...(tell && { onStderr: pass }),
      signal,
    },
  ).catch((error: unknown) => {
    if (!(error instanceof ChildProcessFailure)) throw error;
    throw failed(command, `returned no credentials: ${error.message}`);
  });
  if (result.exitCode !== 0) {
    throw failed(command, `returned no credentials (exit code: ${result.exitCode ?? "none, ended by a signal"})`);
  }
  const credential = readAnswer(result.stdout.toString("utf8"), apiVersion);
  if (!credential) throw failed(command, `did not return an ExecCredential of ${apiVersion}`);
  return credential;
}

/** The command of a plug-in: a path is relative to the folder of its kubeconfig, a mere name is not. */
export function execCommand(command: string, kubeconfig: string): string {
  return /[/\\]/.test(command) ? resolve(dirname(kubeconfig), command) : command;
}

function failed(command: string, what: string, hint = "Run kubectl get pods to see its messages."): PlimsollError {
  return new PlimsollError("engine-failed", `the program ${oneLine(command)} in the kubeconfig ${what}`, { hint });
}

function readAnswer(text: string, apiVersion: string): ExecCredential | undefined {
  const body = parseJson(text);
  if (!isJsonObject(body) || body["kind"] !== "ExecCredential" || body["apiVersion"] !== apiVersion) return undefined;
  const status = isJsonObject(body["status"]) ? body["status"] : {};
  const { token, clientCertificateData: certificate, clientKeyData: key } = status;
  const hasCertificate = typeof certificate === "string" && typeof key === "string";
  if (typeof token !== "string" && !hasCertificate) return undefined;
  return {
    ...(typeof token === "string" && { token: token.trim() }),
    ...(hasCertificate && { certificate, key }),
  };
}
