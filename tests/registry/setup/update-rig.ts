import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { ProposalReport } from "../../../src/pipeline/updates/propose-updates.ts";
import { type RunResult, startPlimsoll } from "../../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../../end-to-end/small-targets.ts";
import { type RunningRegistry, startDockerRegistry } from "./docker-registry.ts";
import { type ImageFacts, npmLayer, pushLayers, type SharedLayer } from "./push-layers.ts";
import { reference, testClient } from "./registry-client.ts";

/** A layer with a known vulnerability, one with the fix, and one with an unrated vulnerability. */
export const leaky: SharedLayer = npmLayer("leaky", "1.0.0");
export const fixed: SharedLayer = npmLayer("leaky", "2.0.0");
export const odd: SharedLayer = npmLayer("odd", "1.0.0");
const old = "2020-01-01T00:00:00Z";

/** The layers of a tag, and what its configuration says. */
export type TaggedImage = { readonly layers: readonly SharedLayer[] } & ImageFacts;

/** Images in a registry, and a folder with files that refer to them. */
export interface PreparedFiles {
  readonly image: string;
  readonly cwd: string;
  /** By tag. */
  readonly digests: ReadonlyMap<string, string>;
}

/** The program, a real registry, and a database of advisories. */
export interface UpdateRig {
  readonly host: () => string;
  /** A new repository with these tags. `IMAGE` in files stands for its name. */
  readonly prepare: (
    tags: Readonly<Record<string, readonly SharedLayer[] | TaggedImage>>,
    files?: Readonly<Record<string, string>>,
  ) => Promise<PreparedFiles>;
  readonly update: (
    cwd: string,
    command: string | { readonly command: string; readonly env: Readonly<Record<string, string>> },
    ...args: readonly string[]
  ) => Promise<RunResult>;
  readonly reportOf: (cwd: string, ...args: readonly string[]) => Promise<ProposalReport>;
  /** Pushes a tag once more, with another image. */
  readonly pushAgain: (image: string, layers: readonly SharedLayer[]) => Promise<void>;
}

/** Starts a rig for the tests of a `describe` block. */
export function updateRig(): UpdateRig {
  const plimsoll = startPlimsoll();
  const database = join(plimsoll.folder, "advisories.sqlite");
  let repositories = 0;
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
    const bucket = writeBucket(plimsoll.folder);
    expect(await plimsoll(["db", "build", "--from", bucket, "--db", database])).toMatchObject({ code: 0 });
  });
  afterAll(() => registry.stop());

  const update: UpdateRig["update"] = (cwd, given, ...args) => {
    const { command, env } = typeof given === "string" ? { command: given, env: {} } : given;
    return plimsoll(["update", command, "--db", database, "--max-db-age", "99999", "--no-cache", "-q", ...args], {
      cwd,
      env: { PLIMSOLL_OFFLINE: "", ...env },
    });
  };
  return {
    host: () => registry.host,
    update,
    prepare: async (tags, files = { Dockerfile: "FROM IMAGE:1.0.0\n" }) => {
      const image = `${registry.host}/team/base-${repositories++}`;
      const client = testClient();
      const digests = new Map<string, string>();
      for (const [tag, given] of Object.entries(tags)) {
        const facts = "layers" in given ? given : { layers: given };
        const pushed = await pushLayers(client, reference(`${image}:${tag}`), { created: old, label: tag, ...facts });
        digests.set(tag, pushed.digest);
      }
      const cwd = join(plimsoll.folder, `repository-${repositories}`);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(cwd, name)), { recursive: true });
        writeFileSync(join(cwd, name), text.replaceAll("IMAGE", image));
      }
      return { image, cwd, digests };
    },
    pushAgain: async (image, layers) => {
      await pushLayers(testClient(), reference(image), { layers, created: old });
    },
    reportOf: async (cwd, ...args) => {
      const { stdout, stderr } = await update(cwd, "propose", "--format", "json", ...args);
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    },
  };
}
