import { Option } from "commander";

/** `--format` with these choices, the first unless another is given. */
export function formatOption(choices: readonly [string, ...string[]] = ["table", "json"]): Option {
  return new Option("-f, --format <format>", "output format").choices(choices).default(choices[0]);
}
