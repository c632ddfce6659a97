import { ChildProcessFailure, findProgram, runChildProcess } from "../../io/processes/child-process.ts";
import type { Problem } from "../../model/reports/problem.ts";

/** Where `helm` is looked for, and when it is to stop. */
export interface ChartRendering {
  /** As `PATH`. */
  readonly searchPath: string;
  /** An empty folder for what Helm keeps, so that nothing of the user's settings, plug-ins and clusters is used. */
  readonly home: string;
  /** The version of Kubernetes that charts are rendered for, as `1.34.0`. */
  readonly kubernetes: string;
  problem(problem: Problem): void;
  readonly signal?: AbortSignal;
}

const patience = 60_000;
const longest = 32 * 1024 * 1024;
const longestReason = 300;

/**
 * Renders a Helm chart with its own values to YAML manifests, those of its tests included. Undefined, and a problem,
 * when `helm` is missing or fails. It runs with fixed arguments and without cluster or network access; the charts that
 * it depends on must be present.
 */
export async function renderChart(
  folder: string,
  { searchPath, home, kubernetes, problem, signal }: ChartRendering,
): Promise<string | undefined> {
  const helm = await findProgram("helm", searchPath);
  if (helm === undefined) {
    const message =
      "Helm templates were not rendered, because helm was not found: render them with `helm template` and check the output";
    problem({ code: "not-examined", message, path: folder });
    return undefined;
  }
  try {
    const { exitCode, stdout, stderr } = await runChildProcess(
      { path: helm, args: ["template", "release", "--include-crds", `--kube-version=${kubernetes}`, "--", folder] },
      {
        environment: {
          HOME: home,
          HELM_CACHE_HOME: home,
          HELM_CONFIG_HOME: home,
          HELM_DATA_HOME: home,
          KUBECONFIG: "/dev/null",
        },
        timeout: patience,
        maxOutput: longest,
        ...(signal ? { signal } : {}),
      },
    );
    if (exitCode === 0) return stdout.toString("utf8");
    const lines = stderr.toString("utf8").trim().split("\n");
    const reason = lines.findLast((line) => line.startsWith("Error:")) ?? lines.at(-1) ?? "";
    const message = `helm could not render it: ${reason.slice(0, longestReason) || `it exited with code ${exitCode}`}`;
    problem({ code: "not-examined", message, path: folder });
  } catch (error) {
    if (!(error instanceof ChildProcessFailure)) throw error;
    problem({ code: "not-examined", message: `helm could not render it: ${error.message}`, path: folder });
  }
  return undefined;
}
