import { type Command, InvalidArgumentError, Option } from "commander";
import { isRepository } from "../../../model/packages/reference.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import type { RegistryPlace } from "../../../pipeline/registry/scan-registry.ts";
import { collectLists } from "../checks/collect-lists.ts";
import { refuseUserInfo, registryName } from "./registry-options.ts";

/** The options for scanning many images in one run, as commander gives them. */
export interface RegistryScanFlags {
  readonly registry?: Pick<RegistryPlace, "registry" | "prefix">;
  readonly tags?: readonly string[];
  readonly newest?: number;
  readonly allPlatforms?: boolean;
  readonly concurrency?: number;
  readonly fresh?: boolean;
  readonly listPackages?: boolean;
}

const mostAtOnce = 64;
const mostImages = 1_000_000;

/** Adds the options for scanning many images in one run. */
export function addRegistryScanOptions(command: Command): Command {
  return command
    .addOption(new Option("--registry <host>", "scan a registry, or a part of it: HOST/PREFIX").argParser(readPlace))
    .addOption(
      new Option("--tags <globs>", "with --registry: scan only these tags, separated by commas; !GLOB excludes tags")
        .hideHelp()
        .argParser(collectLists(String)),
    )
    .addOption(
      new Option("--newest <n>", "with --registry: scan only the n newest images of each repository")
        .hideHelp()
        .argParser(numberReader(mostImages)),
    )
    .addOption(new Option("--all-platforms", "scan every image of an index in a registry").hideHelp())
    .addOption(
      new Option("--concurrency <n>", "images to scan in parallel (default: based on CPU cores)")
        .hideHelp()
        .argParser(numberReader(mostAtOnce)),
    )
    .addOption(new Option("--list-packages", "with --format json: add the packages of each image").hideHelp())
    .addOption(new Option("--fresh", "rescan images that an earlier run finished").hideHelp());
}

/** Reads `HOST[/PREFIX]`. */
export function readPlace(text: string): RegistryScanFlags["registry"] {
  refuseUserInfo(text);
  const [host = "", ...path] = text.replace(/^https?:\/\//i, "").split("/");
  const prefix = trimEnd(path.join("/"), "/");
  if (prefix === "" || isRepository(prefix)) return { registry: registryName(host), prefix };
  const advice = isRepository(prefix.toLowerCase()) ? " Write it in lower case." : "";
  throw new InvalidArgumentError(`${JSON.stringify(prefix.slice(0, 100))} is not a valid repository path.${advice}`);
}

function numberReader(most: number): (text: string) => number {
  return (text) => {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`Expected a number from 1 to ${readableNumber(most)}.`);
  };
}
