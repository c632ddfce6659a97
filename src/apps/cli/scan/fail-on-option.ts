import { InvalidArgumentError, Option } from "commander";
import { type Threshold, thresholds } from "../../../policy/threshold.ts";

/** `--fail-on`: a severity, in any case. */
export function failOnOption(description: string): Option {
  return new Option("--fail-on <severity>", description).choices(thresholds).argParser(readThreshold);
}

function readThreshold(text: string): Threshold {
  const threshold = thresholds.find((each) => each === text.trim().toLowerCase());
  if (threshold !== undefined) return threshold;
  const list = `${thresholds.slice(0, -1).join(", ")} or ${thresholds.at(-1)}`;
  const why = text.includes(",") ? " Give one severity: it includes all worse ones." : "";
  throw new InvalidArgumentError(`Expected one severity: ${list}.${why}`);
}
