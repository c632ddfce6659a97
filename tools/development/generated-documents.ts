import type { Argument, Command, Option } from "commander";
import type { AdvisoryFeed } from "../../src/advisories/advisory-feed.ts";
import { ecosystemsOfOsv, feeds } from "../../src/advisories/feeds/builtin.ts";
import { program } from "../../src/apps/cli/run.ts";
import { programs, unpackagedPrograms } from "../../src/extractors/binary/programs/programs.ts";
import { extractors } from "../../src/extractors/builtin.ts";
import { extractorsOfFilesAlone } from "../../src/extractors/file-extractors.ts";
import { unreadFormats } from "../../src/extractors/unread-formats.ts";
import type { FilePattern } from "../../src/model/images/file.ts";
import type { UnreadKind } from "../../src/model/packages/unread-files.ts";
import type { TargetKind } from "../../src/model/reports/report.ts";
import { targetKinds } from "../../src/pipeline/targets/target.ts";
import { ecosystemsWithOrder, schemeOf } from "../../src/versions/ecosystems.ts";
import { checkList } from "./check-list.ts";
import { decisionList } from "./decision-list.ts";
import { ecosystemGaps } from "./ecosystem-gaps.ts";
import { wrapText } from "./wrap-text.ts";

/** The documents that are made from the code: path from the top of the repository, and text. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/supported.md", supported()],
    ["docs/cli.md", commandLine()],
    ["docs/check-list.md", ["# All checks", note, ...checkList()].map(wrapText).join("\n\n").concat("\n")],
    ["docs/decisions/README.md", decisions()],
  ]);
}

const note = "<!-- Made by `npm run docs` from the code; do not edit. -->";

const kinds: Readonly<Record<TargetKind, string>> = {
  docker:
    "an image in a Docker Engine, or in another engine with its API; names that are not paths are looked up here first",
  podman: "an image in Podman's store, or in its service",
  "containers-storage":
    "an image in the store that Podman, CRI-O and Buildah share; `[FOLDER]NAME` for a store in another folder",
  containerd:
    "an image in containerd's store, from Kubernetes, nerdctl or ctr; by name, digest or ID; in one namespace if `CONTAINERD_NAMESPACE` is set; `[FOLDER]NAME` for a store in another folder",
  registry: "an image in a registry; also used for names that are not paths and that no local engine has",
  "docker-archive": "an archive from `docker save` (Docker 1.10 or later, in the old or the OCI format) or from kaniko",
  "oci-archive": "an OCI image layout in a tar",
  "oci-dir": "a folder with an OCI image layout",
  dir: "a folder with installed packages, for example an unpacked root file system",
  repo: "a folder of source code: its lock files and the packages installed in it",
  file: "a [single file](#single-files) with packages",
  sbom: "a CycloneDX document (1.2 to 1.7) in JSON or XML, or an SPDX document (2.2, 2.3) in JSON, YAML or tag-value, or (3.0) in JSON-LD",
};

function supported(): string {
  const targets = targetKinds.map((kind): Row => [`\`${kind}:\``, kinds[kind]]);
  const formats = extractors.map(
    ({ id, files }): Row => [
      `\`${id}\``,
      id === unpackagedPrograms.id ? "[programs by their names](#programs)" : files.flatMap(patternTexts).join("<br>"),
    ],
  );
  const bySchemes = Map.groupBy(ecosystemsWithOrder, (ecosystem) => schemeOf(ecosystem)?.id ?? "");
  const schemes = [...bySchemes].sort().map(([id, ecosystems]): Row => [`\`${id}\``, ecosystems.join(", ")]);
  return [
    "# What is supported",
    note,
    "## Targets",
    "The target type is detected from the content; a scheme sets it explicitly. `NAME:TAG` without a scheme is an image with that name, unless the path `NAME` contains images ([details](decisions/0042-a-name-with-a-tag.md)).",
    table(["scheme", "target"], targets),
    "Also accepted: `docker://NAME` as `registry:NAME`, `docker-daemon:` as `docker:`, `oci:` as `oci-dir:`, and `containers-storage:[DRIVER@FOLDER+RUNROOT]NAME`.",
    "Archives and layers can be compressed with gzip or zstd.",
    "Layers that are not tars are reported but not read: EROFS, SquashFS, ext4, nydus, overlaybd and similar formats ([how they are detected](decisions/0051-layers-that-are-no-tars.md)).",
    "eStargz and zstd:chunked layers in a registry are read completely. `--lazy` reads them by their tables of contents; the verdict is then at best `cannot-tell`.",
    "## Packages",
    "Each extractor reads one format. `*` matches any text; `/` at the start is the root of the target.",
    table(["extractor", "files"], formats),
    "Programs are detected by their first bytes. Smaller programs are skipped: below 1 KiB in a folder, and below 128 KiB in a layer that `--lazy` reads by its table of contents ([details](decisions/0018-layers-by-their-table-of-contents.md)).",
    "### Programs",
    "A program that no package manager knows is recognised by its file's name and a text in it that tells the version. It is a package of type `generic`, and has Bitnami's advisories where Bitnami packs the same program ([details](decisions/0090-programs-without-package-data.md)).",
    table(
      ["program", "files"],
      programs.map(({ name, files = [], prefixes = [] }): Row => [name, filesText(files, prefixes)]),
    ),
    "## Single files",
    "If the target is a single file, it is read by the extractors `binary/cargo-auditable`, `binary/go`, `binary/programs`, `language/dotnet`, `language/java` and `language/python`, and by the following ones, which are not used for images and installed systems. In a `repo:` folder, lock files are read too, except those inside installed packages. A lock file gives all its packages, including those for development.",
    table(
      ["extractor", "files"],
      extractorsOfFilesAlone.map(({ id, files }): Row => [`\`${id}\``, files.flatMap(patternTexts).join("<br>")]),
    ),
    "## Formats that are detected but not read",
    "A scan reports these files, and its verdict is then at best `cannot-tell` ([reason](decisions/0041-formats-that-are-not-read.md)). Files of installed packages are always reported, unless a package of the distribution owns them. Files that declare packages are reported only if no package of that type was found, and not if they are inside an installed package.",
    table(["packages of", "files of installed packages"], unreadRows("installed")),
    table(["packages of", "files that declare packages"], unreadRows("declared")),
    "## Advisories",
    "`plimsoll db update` downloads all feeds except the optional ones; `--only` selects feeds. Data that a publisher does not allow to be redistributed is processed on your machine only.",
    table(
      ["feed", "publisher", "fills", "licence"],
      feeds.map(
        (feed): Row => [
          `\`${feed.id}\`${feed.optional ? " (optional)" : ""}`,
          feed.title,
          fillsOf(feed),
          `${feed.licence}${feed.redistributable ? "" : "; no redistribution"}`,
        ],
      ),
    ),
    "## Versions",
    "Versions of these ecosystems (with their OSV names) can be compared. In other ecosystems, an advisory matches only if it lists the exact version.",
    table(["scheme", "ecosystems"], schemes),
    "## OSV ecosystems that are not matched",
    "These ecosystems of the OSV schema are not matched with advisories. For all others, there is a version order and a feed. Packages in an SBOM are matched in all of them; in an image or a folder, the packages that an [extractor](#packages) finds are matched.",
    table(["ecosystem", "why"], Object.entries(ecosystemGaps)),
  ]
    .map(wrapText)
    .join("\n\n")
    .concat("\n");
}

function decisions(): string {
  return [
    "# Decisions",
    note,
    "Decisions that need an explanation, with their reasons. Each record describes the context, the decision and its consequences. A record is updated when its decision changes.",
    "Number 40 was never used.",
    // Not aligned: one long cell would make every row as long.
    [["number", "decision", "in short"], ["---", "---", "---"], ...decisionList()]
      .map((cells) => `| ${cells.join(" | ")} |`)
      .join("\n"),
  ]
    .map(wrapText)
    .join("\n\n")
    .concat("\n");
}

function unreadRows(kind: UnreadKind): Row[] {
  const rows = unreadFormats.filter((format) => format.kind === kind);
  return rows.map(({ packagesOf, files }) => [packagesOf, files.map(shownUnread).join("<br>")]);
}

function shownUnread(file: string): string {
  return `\`${file.startsWith("/") || file.startsWith("*") ? "" : "*/"}${file}\``;
}

function fillsOf(feed: AdvisoryFeed): string {
  const ecosystems = feed.id === "osv" ? ecosystemsOfOsv : feed.ecosystems;
  return ecosystems.length === 0 ? "a side table" : ecosystems.join(", ");
}

function filesText(names: readonly string[], prefixes: readonly string[]): string {
  return [...names, ...prefixes.map((prefix) => `${prefix}*`)].map((file) => `\`${file}\``).join(", ");
}

function patternTexts(pattern: FilePattern): string[] {
  if ("path" in pattern) return [`\`/${pattern.path}\``];
  if ("basename" in pattern) return [`\`*/${pattern.basename}\``];
  if ("prefix" in pattern) return [`\`*/${pattern.prefix}*\``];
  if ("suffix" in pattern) {
    return [`\`*${pattern.containing === undefined ? "" : `${pattern.containing}*`}${pattern.suffix}\``];
  }
  if ("directory" in pattern) {
    return (pattern.suffixes ?? [""]).map((suffix) => `\`/${pattern.directory}/*${suffix}\``);
  }
  if ("upTo" in pattern) return [`files of at most ${pattern.upTo} bytes`];
  const magics = pattern.magic.map((bytes) => `\`${Buffer.from(bytes).toString("hex")}\``);
  return [`files that begin with ${magics.join(", ")}`];
}

function commandLine(): string {
  const root = program(new AbortController().signal, { exitCode: 0 });
  return [
    "# The command line",
    note,
    "Results go to standard output, everything else to standard error. Exit codes: see the [README](../README.md#exit-codes).",
    ...root.commands.flatMap((command) => sections(command, "plimsoll")),
    "## Environment",
    table(
      ["variable", "meaning"],
      [
        [
          "`PLIMSOLL_CACHE`",
          "the folder of what runs keep: inventories of layers, verdicts, finished scans of registries, Sigstore's trusted root; else `plimsoll` in `XDG_CACHE_HOME` or `~/.cache`",
        ],
        [
          "`NODE_COMPILE_CACHE`",
          "the folder for what Node compiled of the program; else `plimsoll/compiled` in `XDG_CACHE_HOME` or `~/.cache`",
        ],
        [
          "`PLIMSOLL_DB`",
          "the advisory database; else `plimsoll/advisories.sqlite` in `XDG_DATA_HOME` or `~/.local/share`",
        ],
        ["`PLIMSOLL_OFFLINE`", "anything but `0`: as `--offline`"],
        ["`PLIMSOLL_MIRROR`", "as `--mirror`, also for what a scan fetches"],
        ["`PLIMSOLL_WARN_DB_AGE`, `PLIMSOLL_MAX_DB_AGE`", "as `--warn-db-age` and `--max-db-age`"],
        ["`PLIMSOLL_INSECURE`", "registries, separated by commas: as `--insecure` for each"],
        ["`PLIMSOLL_REGISTRY_CA`", "as `--registry-ca`"],
        [
          "`PLIMSOLL_FORGE_TOKEN`; else `GITHUB_TOKEN`, `GITLAB_TOKEN` or `GITEA_TOKEN`",
          "token with which `update open` pushes branches and opens pull requests",
        ],
        [
          "`PLIMSOLL_REGISTRY`, `PLIMSOLL_REGISTRY_USER`, `PLIMSOLL_REGISTRY_PASSWORD`",
          "a registry, and the credential that only it is shown; goes before all files",
        ],
        [
          "`DOCKER_CONFIG`, `DOCKER_AUTH_CONFIG`, `REGISTRY_AUTH_FILE`",
          "where credentials of registries are, as for `docker` and `podman`",
        ],
        [
          "`AWS_…`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_…`",
          "accounts at clouds for their registries: [Registries](registries/README.md)",
        ],
        [
          "`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`",
          "the proxy through which feeds, registries and [clusters](ps.md#kubernetes) are asked",
        ],
        [
          "`DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`",
          "how the Docker Engine is reached, as for `docker`; where it is named and not there, a bare name ends in an error: write `registry:NAME`",
        ],
        ["`DOCKER_CONTEXT`", "the context of Docker to use without `DOCKER_HOST`, in the place of the one in use"],
        ["`DOCKER_CONTENT_TRUST`", "whether `docker` asks for signatures, which `check docker` looks at"],
        ["`CONTAINER_HOST`", "where Podman's service is"],
        [
          "`CONTAINERS_STORAGE_CONF`",
          "the `storage.conf` that says where Podman and CRI-O have their images, in the place of the one in `XDG_CONFIG_HOME` or `~/.config` and of the machine's",
        ],
        ["`CONTAINERD_ADDRESS`, `CONTAINERD_NAMESPACE`", "containerd's socket, and the one namespace to look in"],
        [
          "`KUBECONFIG`, `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT`",
          "the cluster of `ps` and `check kubernetes`, as for `kubectl` and in a pod",
        ],
        [
          "`XDG_RUNTIME_DIR`",
          "where the user's own Podman listens, and says what runs; also where Podman goes without it: `/run/user/UID`, and `podman-run-UID` and `storage-run-UID` in `TMPDIR` or `/tmp`",
        ],
        ["`NO_COLOR`, `TERM=dumb`", "no colour; `TERM=dumb` also no progress line"],
        ["`FORCE_COLOR`", "colour also in a pipe, before `NO_COLOR`; `0` and `false` turn colour off"],
        ["`COLUMNS`", "the width of tables, in columns; else that of the terminal, or 100"],
      ],
    ),
  ]
    .map(wrapText)
    .join("\n\n")
    .concat("\n");
}

function sections(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((child) => sections(child, name));
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  return [
    `## ${name}`,
    command.description().replaceAll("<", "\\<"),
    ...examples(command),
    table(["argument or option", "meaning"], rows),
  ];
}

function argumentRow(argument: Argument): Row {
  return row(`<${argument.name()}>`, argument.description, argument.argChoices);
}

function optionRow(option: Option): Row {
  const standard: unknown = option.defaultValue;
  // A path depends on the machine and is told under "Environment".
  const isPath = /<(?:dir|file)>/.test(option.flags);
  const shown = typeof standard === "string" && !isPath ? `; \`${standard}\` unless given` : "";
  const needed = option.mandatory ? "; needed" : "";
  return row(option.flags, `${option.description}${needed}${shown}`, option.argChoices);
}

function row(name: string, meaning: string, choices: readonly string[] | undefined): Row {
  const list = choices && !choices.every((choice) => meaning.includes(choice)) ? ` (${choices.join(", ")})` : "";
  return [`\`${name}\``, `${meaning}${list}`];
}

/** The examples that stand at the top of a command's help; nothing where there are none. */
function examples(command: Command): string[] {
  const pieces: string[] = [];
  command.configureOutput({ writeOut: (text) => void pieces.push(text) });
  command.outputHelp();
  const help = pieces.join("");
  const lines = help.slice(0, help.indexOf("Usage:")).split("\n");
  const shown = lines.filter((line) => line.startsWith("  ")).map((line) => line.trim());
  return shown.length === 0 ? [] : [["```text", ...shown, "```"].join("\n")];
}

type Row = readonly string[];

/** A table with its columns aligned, as the formatter wants it. */
function table(heads: Row, rows: readonly Row[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
