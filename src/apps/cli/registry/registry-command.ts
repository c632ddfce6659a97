import { Command, Option } from "commander";
import { defaultCacheFolder } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { type OutputFlags, oneOutput, outputOption } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writePieces } from "../terminal/output.ts";
import { type RegistryScanFlags, readPlace } from "./registry-scan-options.ts";

interface FindFlags extends Pick<RegistryScanFlags, "registry">, OutputFlags {
  readonly cache: string;
  readonly format: "table" | "json";
}

/** The command `plimsoll registry` with its subcommands. */
export function registryCommand(outcome: Outcome): Command {
  return new Command("registry")
    .summary("search scanned registries")
    .description("Search the results of earlier registry scans.")
    .addHelpText("before", "Examples:\n  plimsoll registry find log4j-core\n")
    .addCommand(findCommand(outcome));
}

/** The command `plimsoll registry find PACKAGE`. It exits with 3 when the packages of an image are not known. */
function findCommand(outcome: Outcome): Command {
  return new Command("find")
    .summary("find images that contain a package")
    .description("Find images that contain a package, in the cached results of scan --registry. Uses no network.")
    .argument("<package>", "NAME[@VERSION-RANGE] with * as a wildcard, or a package URL")
    .addOption(new Option("--registry <host>", "only this registry, or a part of it: HOST/PREFIX").argParser(readPlace))
    .addOption(
      new Option("--cache <dir>", "cache folder that the scan used").default(defaultCacheFolder(), "user cache"),
    )
    .addOption(outputOption())
    .addOption(formatOption())
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll registry find 'log4j-core@<2.17.1'",
        "  plimsoll registry find 'openssl*' --registry registry.example.com/team",
        "  plimsoll registry find pkg:npm/lodash@4.17.20 --format json",
        "",
      ].join("\n"),
    )
    .action(async (text: string, { registry: place, cache, format, ...flags }: FindFlags) => {
      const output = oneOutput(flags);
      const [{ parsePackageQuery }, { findPackage }, { packageSearchJson, packageSearchText }] = await Promise.all([
        import("../../../pipeline/registry/known/package-query.ts"),
        import("../../../pipeline/registry/known/find-package.ts"),
        import("../../../reporters/package-search.ts"),
      ]);
      const search = findPackage(parsePackageQuery(text), { cache, place });
      const shown = { ...search, query: text, createdAt: new Date().toISOString() };
      writePieces(format === "json" ? packageSearchJson(shown) : packageSearchText(shown), output);
      outcome.exitCode = search.summary().unknownCount > 0 ? ExitCode.incomplete : ExitCode.allowed;
    });
}
