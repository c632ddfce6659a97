import { existsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { Report } from "../../model/reports/report.ts";
import { findPolicyFile, loadPolicy } from "../../pipeline/policy/load-policy.ts";
import { scanTarget } from "../../pipeline/scan/scan.ts";
import { openRegistryClient } from "../../pipeline/targets/registry-access.ts";
import { type Policy, policyOf } from "../../policy/file/policy.ts";
import { annotation } from "../../reporters/formats/github/annotation.ts";
import { scanMarkdown } from "../../reporters/formats/markdown/markdown.ts";
import { scanSarif } from "../../reporters/formats/sarif/sarif.ts";
import { jsonText } from "../../reporters/json.ts";
import { loadBasePolicy } from "./base-policy.ts";
import { GithubApi } from "./github-api.ts";
import { type ActionInputs, type Environment, readInputs, withoutInputs } from "./inputs.ts";
import { type PullRequest, readBaseFile, readPullRequest, writeComment } from "./pull-request.ts";
import { annotations, reportText } from "./summary.ts";
import { mask, plainLog, writeOutput, writeSummary } from "./workflow-commands.ts";

/** What the Action is started with. */
export interface ActionRun {
  readonly environment: Environment;
  /** Writes to stdout, where the runner reads commands. */
  readonly write: (text: string) => void;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Scans the target of the inputs and reports to the runner. Returns the exit code, as `plimsoll scan` has it: 0
 * allowed, 1 denied, 3 incomplete. Errors: `usage`, those of a scan.
 */
export async function runAction({ environment, write, now, signal }: ActionRun): Promise<number> {
  write(mask(environment["INPUT_TOKEN"] ?? ""));
  const inputs = readInputs(environment);
  const variables = withoutInputs(environment);
  const api = new GithubApi(variables, inputs.token);
  const request = readPullRequest(variables);
  const policy = policyOf({ failOn: inputs.failOn, policy: await policyFor(inputs, { api, request }) });
  const report = await scanTarget(inputs.target, {
    ...sourcesOf(inputs, { variables, signal }),
    verifyDigests: false,
    now,
    signal,
    policy,
    environment: "build",
  });
  writeFileSync(inputs.report, [...jsonText(report)].join(""));
  if (inputs.sarif !== undefined) writeFileSync(inputs.sarif, [...scanSarif(report)].join(""));
  write(plainLog(reportText(report)));
  if (inputs.annotations) write(annotations(report, policy.failOn));
  writeResults(report, { inputs, variables, write });
  if (inputs.comment) await comment(report, { inputs, api, request, write });
  return exitCodeOf(report, policy);
}

/** The policy file. In a pull request, it is that of the base branch. */
async function policyFor(
  { policy: name }: ActionInputs,
  { api, request }: { readonly api: GithubApi; readonly request: PullRequest | undefined },
): Promise<Policy | undefined> {
  if (name === "none") return undefined;
  if (request !== undefined) {
    return loadBasePolicy(name, (path) => readBaseFile(api, request, path));
  }
  const file = name === "plimsoll.yaml" ? findPolicyFile(process.cwd()) : name;
  return file === undefined ? undefined : loadPolicy(file);
}

function sourcesOf(
  { offline, data: folder }: ActionInputs,
  { variables, signal }: { readonly variables: Environment; readonly signal: AbortSignal },
): Partial<Parameters<typeof scanTarget>[1]> {
  const host = variables["DOCKER_HOST"];
  const data = folder ?? join(variables["RUNNER_TEMP"] || ".", "plimsoll");
  const database = join(data, "advisories.sqlite");
  return {
    cache: join(data, "cache"),
    ...(host ? { docker: { host, isNamed: true } } : {}),
    ...(existsSync(database) && { database }),
    ...(offline
      ? { offline: true }
      : {
          fetchMissing: { database, access: { proxy: variables, ...mirrorOf(variables) } },
          registry: openRegistryClient({ environment: variables, home: homedir(), insecure: [] }, signal),
        }),
  };
}

function mirrorOf(variables: Environment): { readonly mirror?: string } {
  const mirror = variables["PLIMSOLL_MIRROR"];
  return mirror ? { mirror } : {};
}

interface Destinations {
  readonly inputs: ActionInputs;
  readonly variables: Environment;
  readonly write: ActionRun["write"];
}

function writeResults(report: Report, { inputs, variables, write }: Destinations): void {
  const [outputs, summary] = [variables["GITHUB_OUTPUT"], variables["GITHUB_STEP_SUMMARY"]];
  if (outputs) {
    writeOutput(outputs, "decision", report.verdict.decision);
    writeOutput(outputs, "findings", String(report.findings.length));
    writeOutput(outputs, "report", inputs.report);
    if (inputs.sarif !== undefined) writeOutput(outputs, "sarif", inputs.sarif);
  }
  if (summary && !writeSummary(summary, [...scanMarkdown(report)].join(""))) {
    write(annotation("notice", "Plimsoll", "the job summary is full, so this report is only in the log"));
  }
}

async function comment(
  report: Report,
  {
    inputs,
    api,
    request,
    write,
  }: Omit<Destinations, "variables"> & {
    readonly api: GithubApi;
    readonly request: PullRequest | undefined;
  },
): Promise<void> {
  if (request === undefined) return;
  const text = [...scanMarkdown(report)].join("");
  const failed = (why: string): void =>
    write(
      annotation(
        "notice",
        "Plimsoll",
        `no pull request comment was written (${why}); the report is in the job summary`,
      ),
    );
  try {
    const result = await writeComment(api, request, { target: inputs.target, markdown: text });
    if (typeof result !== "object") return;
    const readOnly = result.refused === 403 ? ": the token may not write, as in pull requests from forks" : "";
    failed(`GitHub answered with status ${result.refused}${readOnly}`);
  } catch (error) {
    failed(error instanceof Error ? error.message : String(error));
  }
}

/** As `plimsoll scan` has it: with a policy, an answer that cannot be given does not pass. */
function exitCodeOf({ verdict, problems }: Report, { failOn, rules = [] }: Policy): number {
  if (verdict.decision === "denied") return 1;
  if (problems.length > 0) return 3;
  const hasGate = failOn !== undefined || rules.length > 0;
  return verdict.decision === "cannot-tell" && hasGate ? 3 : 0;
}

/** The command that reports why the Action ended early, and its exit code. */
export function failureOf(error: unknown): { readonly command: string; readonly exitCode: number } {
  if (!(error instanceof PlimsollError)) {
    const text = error instanceof Error ? error.message : String(error);
    return { command: annotation("error", "Plimsoll", `unexpected: ${text}`), exitCode: 3 };
  }
  const { code, message, hint = "" } = error;
  const text = `${message} [${code}]${hint === "" ? "" : `\n${hint}`}`;
  return { command: annotation("error", "Plimsoll", text), exitCode: code === "usage" ? 2 : 3 };
}
