import { type Command, InvalidArgumentError, Option } from "commander";
import type { OpenTargetOptions } from "../../../pipeline/targets/open-target.ts";
import { containerdAccess, defaultCacheFolder, dockerAccess, isOffline, podmanAccess } from "../environment.ts";
import { type OutputFlags, outputOption } from "../options/output-option.ts";
import { addRegistryOptions, type RegistryFlags, registryClient } from "../registry/registry-options.ts";

/** The options of every command that reads a target, as commander gives them. */
export interface TargetFlags extends RegistryFlags, OutputFlags {
  readonly platform?: string;
  readonly verifyDigests?: boolean;
  readonly lazy?: boolean;
  readonly maxLayerSize?: number;
  readonly offline?: boolean;
  readonly cache: string | boolean;
  readonly quiet?: boolean;
}

/** Adds the options of every command that reads a target; `output` is its `--output`. */
export function addTargetOptions(command: Command, output: Option = outputOption()): Command {
  const described = command
    .addOption(
      new Option("--platform <os/arch>", "platform to select from an index, such as linux/arm64").argParser(
        readPlatform,
      ),
    )
    .addOption(new Option("--verify-digests", "read all layers completely, and verify their digests").hideHelp())
    .addOption(
      new Option("--max-layer-size <size>", "size limit of an unpacked layer, for example 40G")
        .hideHelp()
        .argParser(readSize),
    )
    .option("--offline", "do not use the network")
    .addOption(
      new Option("--cache <dir>", "folder for cached layer inventories")
        .default(defaultCacheFolder(), "user cache")
        .hideHelp(),
    )
    .addOption(new Option("--no-cache", "keep nothing").hideHelp())
    .addOption(output)
    .option("-q, --quiet", "no progress line");
  return addRegistryOptions(described);
}

/** Adds the option to read layers by their tables of contents, for commands that report such layers as incomplete. */
export function addLazyOption(command: Command): Command {
  const lazy = new Option("--lazy", "read eStargz and zstd:chunked layers by their tables of contents: incomplete");
  return command.addOption(lazy.conflicts("verifyDigests").hideHelp());
}

/** What the flags mean for opening a target. */
export async function targetOptions(
  flags: TargetFlags,
  signal: AbortSignal,
): Promise<OpenTargetOptions & { readonly cache?: string }> {
  return {
    signal,
    verifyDigests: flags.verifyDigests === true,
    ...(flags.lazy && { lazy: true }),
    docker: dockerAccess(),
    podman: podmanAccess(),
    containerd: containerdAccess(),
    registry: await registryClient(flags, signal),
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
    ...(flags.maxLayerSize === undefined ? {} : { largestLayer: flags.maxLayerSize }),
    ...(isOffline(flags.offline) ? { offline: true } : {}),
    ...(typeof flags.cache === "string" ? { cache: flags.cache } : {}),
  };
}

/** Reads `os/architecture[/variant]`. */
export function readPlatform(text: string): string {
  if (/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/.test(text)) return text;
  throw new InvalidArgumentError("Expected os/architecture, for example linux/arm64.");
}

function readSize(text: string): number {
  const parts = /^([0-9]{1,12})([KMGT]?)i?B?$/i.exec(text);
  const power = ["", "K", "M", "G", "T"].indexOf(parts?.[2]?.toUpperCase() ?? "");
  const size = Number(parts?.[1]) * 1024 ** power;
  if (parts && Number.isSafeInteger(size) && size > 0) return size;
  throw new InvalidArgumentError("Expected a number of bytes, or one with K, M, G or T.");
}
