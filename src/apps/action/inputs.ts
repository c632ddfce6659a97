import { PlimsollError } from "../../model/error.ts";
import { type Threshold, thresholds } from "../../policy/threshold.ts";

/** Variables of the process, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The inputs of the Action, as `action.yml` describes them. */
export interface ActionInputs {
  readonly target: string;
  readonly failOn?: Threshold;
  /** A path in the repository, or `none`. */
  readonly policy: string;
  /** The file for the JSON report. */
  readonly report: string;
  /** The file for SARIF; absent when none is wanted. */
  readonly sarif?: string;
  readonly comment: boolean;
  readonly annotations: boolean;
  readonly offline: boolean;
  /** The folder for advisories and layer inventories, which a workflow may keep with actions/cache. */
  readonly data?: string;
  /** Empty when the workflow gives none. */
  readonly token: string;
}

/** Reads the inputs from `INPUT_*`, as the runner sets them. Error: `usage`. */
export function readInputs(environment: Environment): ActionInputs {
  const input = (name: string): string => (environment[`INPUT_${name.toUpperCase()}`] ?? "").trim();
  const target = input("target");
  if (target === "") {
    throw new PlimsollError("usage", "the input target is empty", {
      hint: "Set it to an image, an archive or a folder: with: { target: . }",
    });
  }
  const failOn = input("fail-on");
  const threshold = thresholds.find((each) => each === failOn);
  if (failOn !== "" && threshold === undefined) {
    throw new PlimsollError("usage", `the input fail-on is ${JSON.stringify(failOn)}, which is not a severity`, {
      hint: `Use one of ${thresholds.join(", ")}.`,
    });
  }
  const [data, sarif] = [input("data"), input("sarif")];
  return {
    target,
    ...(threshold && { failOn: threshold }),
    policy: input("policy") || "plimsoll.yaml",
    report: input("report") || "plimsoll-report.json",
    ...(sarif !== "" && { sarif }),
    comment: readSwitch("comment", input("comment")),
    annotations: readSwitch("annotations", input("annotations")),
    offline: readSwitch("offline", input("offline")),
    ...(data !== "" && { data }),
    token: input("token"),
  };
}

/** The variables without inputs, for programs that a scan starts, such as credential helpers. */
export function withoutInputs(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("INPUT_")));
}

function readSwitch(name: string, text: string): boolean {
  if (text === "true") return true;
  if (text === "false" || text === "") return false;
  throw new PlimsollError("usage", `the input ${name} is ${JSON.stringify(text)}; expected true or false`);
}
