import { nearestName } from "../../model/text/nearest-name.ts";
import { shellWord } from "../evidence.ts";
import { hint } from "../fix-commands.ts";
import { cisDocker, cwe } from "../mappings.ts";
import { divideImage, hasExternalBase } from "./base-images.ts";
import { buildKit, type DockerfileCheck, type DockerfileFinding, dockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile } from "./read-dockerfile.ts";
import { platformVariables } from "./syntax/build-stages.ts";
import { expandWords } from "./syntax/expand-words.ts";

const tag: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/base-tag",
    title: { pass: "Base image has a version tag", fail: "Base image has no version tag" },
    severity: "medium",
    why: "Without a tag, or with latest, each build can use a different base image, which cannot be identified later.",
    remediation: "Use a version tag: FROM alpine:3.22.",
    mappings: [cisDocker("4.2"), cwe("1357")],
  },
  {
    applies: ({ stages }) => stages.some(hasExternalBase),
    *find({ stages }) {
      for (const stage of stages) {
        const image = hasExternalBase(stage) ? divideImage(stage.base) : undefined;
        if (image === undefined || image.digest !== undefined) continue;
        if (image.tag !== undefined && image.tag !== "latest") continue;
        yield {
          instruction: stage.from,
          stage,
          evidence: [
            {
              subject: "FROM",
              value: stage.baseAsWritten,
              expected: "a version tag",
            },
          ],
          ...(stage.baseAsWritten === stage.base ? {} : { reason: `the default value is ${stage.base}` }),
        };
      }
    },
  },
);

const digest: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/base-digest",
    title: { pass: "Base image is pinned by digest", fail: "Base image is not pinned by digest" },
    severity: "low",
    why: "A tag can be moved to another image; a digest always identifies the same content.",
    remediation: "Add the digest after the tag, and update both with a tool: FROM alpine:3.22@sha256:….",
    mappings: [cisDocker("4.2"), cwe("1357")],
  },
  {
    applies: ({ stages }) => stages.some(hasExternalBase),
    *find({ stages }) {
      for (const stage of stages) {
        const image = hasExternalBase(stage) ? divideImage(stage.base) : undefined;
        if (image === undefined || image.digest !== undefined) continue;
        const inspect = `docker buildx imagetools inspect --format '{{.Manifest.Digest}}' -- ${shellWord(stage.base)}`;
        const commands = [hint(`to find the digest of the tag: ${inspect}`)];
        yield {
          instruction: stage.from,
          stage,
          evidence: [
            {
              subject: "FROM",
              value: stage.baseAsWritten,
              expected: `${stage.baseAsWritten}@sha256:…`,
            },
          ],
          commands,
        };
      }
    },
  },
);

const registry: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/base-registry",
    title: {
      pass: "Base image comes from an allowed registry",
      fail: "Base image comes from a registry that is not allowed",
    },
    severity: "high",
    why: "The publisher of an image in an unvetted registry controls everything in that image.",
    remediation: "Use an image from an allowed registry, or mirror this image there.",
    mappings: [cisDocker("4.2"), cwe("829")],
  },
  {
    applies: ({ stages, settings }) => settings.allowedRegistries !== undefined && stages.some(hasExternalBase),
    *find({ stages, settings: { allowedRegistries } }) {
      if (allowedRegistries === undefined) return;
      for (const stage of stages) {
        const image = hasExternalBase(stage) ? divideImage(stage.base) : undefined;
        if (image === undefined || allowedRegistries.some((allowed) => isRegistryOf(allowed, image.registry))) continue;
        yield {
          instruction: stage.from,
          stage,
          evidence: [
            {
              subject: "registry",
              value: image.registry,
              expected: allowedRegistries.join(", "),
            },
          ],
        };
      }
    },
  },
);

const declared: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/base-argument-declared",
    title: { pass: "FROM uses only declared build arguments", fail: "FROM uses an undeclared build argument" },
    severity: "medium",
    why: "A variable without an ARG before the first FROM is empty, so the build can use the wrong base image.",
    remediation: "Declare the variable with ARG before the first FROM, or correct its name.",
    mappings: [buildKit("UndefinedArgInFrom")],
  },
  {
    rule: "UndefinedArgInFrom",
    applies: ({ stages }) => stages.length > 0,
    *find({ stages, globalArguments }) {
      const known = new Set([...platformVariables().keys(), ...globalArguments.map(({ name }) => name)]);
      for (const stage of stages) {
        const platform = expandWords(stage.platform ?? "", {
          lookup: () => undefined,
        });
        const used = [...stage.unset, ...("error" in platform ? [] : platform.unset)];
        for (const name of new Set(used)) {
          if (known.has(name)) continue;
          const near = nearestName(name, known);
          yield {
            instruction: stage.from,
            stage,
            evidence: [
              {
                subject: "variable",
                value: name,
                ...(near === undefined ? {} : { expected: near }),
              },
            ],
          };
        }
      }
    },
  },
);

const usable: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/base-argument-default",
    title: {
      pass: "Default build arguments give a valid base image",
      fail: "Default build arguments give an invalid base image",
    },
    severity: "low",
    why: "A build without --build-arg fails.",
    remediation: "Set a default for the ARG before the first FROM: ARG VERSION=3.22.",
    mappings: [buildKit("InvalidDefaultArgInFrom")],
  },
  {
    rule: "InvalidDefaultArgInFrom",
    applies: ({ stages }) => stages.length > 0,
    *find(dockerfile) {
      const values = defaultArguments(dockerfile);
      for (const stage of dockerfile.stages) {
        const base = expandWords(stage.baseAsWritten, {
          escape: dockerfile.source.escape,
          lookup: (name) => values.get(name),
        });
        if ("error" in base || divideImage(base.text) !== undefined) continue;
        yield {
          instruction: stage.from,
          stage,
          evidence: [
            {
              subject: "FROM",
              value: stage.baseAsWritten,
              expected: "an image name",
            },
          ],
          reason: base.text === "" ? "the base image is empty by default" : `the base image is ${base.text} by default`,
        };
      }
    },
  },
);

const constantPlatform: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/platform-constant",
    title: { pass: "FROM does not set a fixed platform", fail: "FROM sets a fixed platform" },
    severity: "negligible",
    why: "On every other platform, the image runs under emulation or not at all.",
    remediation: "Use $BUILDPLATFORM or $TARGETPLATFORM, or include the platform in the stage name.",
    mappings: [buildKit("FromPlatformFlagConstDisallowed")],
  },
  {
    rule: "FromPlatformFlagConstDisallowed",
    applies: ({ stages }) => stages.some(({ platform }) => platform !== undefined),
    find: ({ stages }) =>
      stages.flatMap((stage): DockerfileFinding[] => {
        const parts = /^([a-z0-9]+)(?:\/([a-z0-9_]+))?(?:\/[a-z0-9]+)?$/.exec(stage.platform ?? "");
        const named = parts?.slice(1).some((part) => part !== undefined && stage.name?.includes(part) === true);
        if (parts === null || named === true) return [];
        const evidence = [
          {
            subject: "--platform",
            value: parts[0],
            expected: "$BUILDPLATFORM",
          },
        ];
        return [{ instruction: stage.from, stage, evidence }];
      }),
  },
);

const redundantPlatform: DockerfileCheck = dockerfileCheck(
  {
    id: "dockerfile/platform-redundant",
    title: { pass: "FROM does not repeat the default platform", fail: "FROM repeats the default platform" },
    severity: "negligible",
    why: "FROM uses the target platform by default.",
    remediation: "Remove --platform=$TARGETPLATFORM.",
    mappings: [buildKit("RedundantTargetPlatform")],
  },
  {
    rule: "RedundantTargetPlatform",
    applies: ({ stages }) => stages.some(({ platform }) => platform !== undefined),
    find: ({ stages }) =>
      stages
        .filter(({ platform }) => /^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform ?? ""))
        .map((stage) => ({
          instruction: stage.from,
          stage,
          evidence: [{ subject: "--platform", value: stage.platform ?? "" }],
        })),
  },
);

/** Checks of `FROM`. */
export const baseImageChecks: readonly DockerfileCheck[] = [
  tag,
  digest,
  registry,
  declared,
  usable,
  constantPlatform,
  redundantPlatform,
];

/** The names that Docker Hub goes by are one. */
function isRegistryOf(allowed: string, name: string): boolean {
  const hub = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);
  if (hub.has(allowed) && hub.has(name)) return true;
  if (allowed.startsWith("*.")) return name.endsWith(allowed.slice(1));
  return allowed === "*" || allowed === name;
}

function defaultArguments({ source, stages, settings }: ReadDockerfile): Map<string, string> {
  const values = new Map(platformVariables(settings.platform, settings.target ?? stages.at(-1)?.name));
  for (const instruction of source.instructions) {
    if (instruction.keyword === "FROM") break;
    if (instruction.keyword !== "ARG") continue;
    for (const argument of instruction.args) {
      const sign = argument.indexOf("=");
      if (sign === -1) continue;
      const lookup = (name: string): string | undefined => values.get(name);
      const value = expandWords(argument.slice(sign + 1), {
        escape: source.escape,
        lookup,
      });
      values.set(argument.slice(0, sign), "error" in value ? "" : value.text);
    }
  }
  return values;
}
