import { Option } from "commander";

/** `--format` with these choices, the first unless another is given. */
export function formatOption(choices: readonly [string, ...string[]] = ["table", "json"]): Option {
  return new Option("-f, --format <format>", "how to print").choices(choices).default(choices[0]);
}
