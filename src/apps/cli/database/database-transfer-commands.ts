import { Command } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { DatabaseStatus } from "../../../model/findings/advisory.ts";
import { holdsUserInfo, type ImageReference } from "../../../model/packages/reference.ts";
import type {
  PulledDatabase,
  TransferOptions,
  TransferredDatabase,
} from "../../../pipeline/database/database-artifact.ts";
import { refuseOffline } from "../options/refuse-offline.ts";
import { addRegistryOptions, type RegistryFlags, registryClient } from "../registry/registry-options.ts";
import {
  addSignatureOptions,
  namesSigner,
  type SignatureFlags,
  signaturePolicy,
} from "../registry/signature-options.ts";
import { writeNote, writeOut } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { remarksOnReplaced } from "../watch/remarks-on-replaced.ts";
import { databaseFileOption } from "./database-file-option.ts";
import { statusText } from "./database-status-command.ts";

interface TransferFlags extends RegistryFlags, SignatureFlags {
  readonly db: string;
  readonly allowOlder?: boolean;
  readonly quiet?: boolean;
}

/** `plimsoll db push REF`. */
export function databasePushCommand(signal: AbortSignal): Command {
  return transferCommand("push", {
    summary: "push the database to a registry",
    description: "Push the database to a registry as an OCI artifact, to share it with a team.",
    example: "  plimsoll db push registry.example.com/security/advisories:2025-11-25",
    async transfer(reference, options) {
      const { pushDatabase } = await import("../../../pipeline/database/database-artifact.ts");
      return pushDatabase(reference, options);
    },
    signal,
  });
}

/** `plimsoll db pull REF`. */
export function databasePullCommand(signal: AbortSignal): Command {
  return transferCommand("pull", {
    summary: "pull the database from a registry",
    description:
      "Pull the database from a registry to replace an older one. With --key or --identity, its signature is verified first.",
    example: [
      "  plimsoll db pull registry.example.com/security/advisories:latest",
      "  plimsoll db pull registry.example.com/security/advisories --key cosign.pub",
    ].join("\n"),
    addOptions: (command) =>
      addSignatureOptions(command).option("--allow-older", "allow replacing a newer or more complete database"),
    async transfer(reference, options, flags) {
      const { pullDatabase } = await import("../../../pipeline/database/database-artifact.ts");
      const signature = namesSigner(flags) ? signaturePolicy(flags, { signal }) : undefined;
      return pullDatabase(reference, {
        ...options,
        ...(signature && { signature }),
        allowOlder: flags.allowOlder === true,
        now: new Date(),
      });
    },
    signal,
  });
}

interface Transfer {
  readonly summary: string;
  readonly description: string;
  readonly example: string;
  readonly addOptions?: (command: Command) => Command;
  readonly transfer: (
    reference: ImageReference,
    options: TransferOptions,
    flags: TransferFlags,
  ) => Promise<TransferredDatabase & Partial<PulledDatabase>>;
  readonly signal: AbortSignal;
}

function transferCommand(
  name: "push" | "pull",
  { summary, description, example, addOptions, transfer, signal }: Transfer,
): Command {
  const command = new Command(name)
    .summary(summary)
    .description(description)
    .argument("<reference>", "HOST/REPOSITORY[:TAG] (default tag: latest)")
    .addOption(databaseFileOption())
    .option("-q, --quiet", "no progress line");
  addOptions?.(command);
  return addRegistryOptions(command)
    .addHelpText("before", `Examples:\n${example}\n`)
    .action(async (reference: string, flags: TransferFlags) => {
      refuseOtherNames(reference);
      refuseOffline(`db ${name}`);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      line.text(name === "push" ? "packing and pushing the database" : "pulling the database");
      const { imageReference } = await import("../../../pipeline/targets/open-registry-image.ts");
      const client = await registryClient(flags, signal);
      const done = await transfer(imageReference(reference), { database: flags.db, client, signal }, flags);
      line[Symbol.dispose]();
      if (name === "push") await printTerms(done.status);
      for (const remark of remarksOnReplaced(done)) writeNote(remark);
      writeOut(`${done.reference}\n${statusText(done.status, new Date())}`);
    });
}

/**
 * Some publishers let everyone read their data and forbid passing it on: such a database belongs in a private registry.
 */
async function printTerms({ parts }: DatabaseStatus): Promise<void> {
  const { nonRedistributable } = await import("../../../pipeline/database/choose-feeds.ts");
  const terms = nonRedistributable(parts).map(({ title, licence }) => `${title} (${licence})`);
  if (terms.length === 0) return;
  writeNote(
    `the database contains data that may not be redistributed: ${terms.join(", ")}`,
    "Give access only to people who may use the publisher's data under your terms, or exclude these feeds with --only.",
  );
}

/**
 * Refuses references that cannot name a database: `HOST:PORT` alone would be read as an image of Docker Hub with a tag.
 */
function refuseOtherNames(reference: string): void {
  if (holdsUserInfo(reference)) {
    throw new PlimsollError("usage", "a database reference must not contain a user name or password", {
      hint: "Log in to its registry with `plimsoll login`, and use HOST/REPOSITORY[:TAG].",
    });
  }
  const [scheme] = /^[a-z-]+:(?:\/\/)?(?=[^/]+\/)/i.exec(reference.replace(/^[\w.-]+:\d+\//, "")) ?? [];
  if (scheme !== undefined) {
    throw new PlimsollError("usage", `a database reference must not begin with ${JSON.stringify(scheme)}`, {
      hint: "For example registry.example.com/security/advisories:latest.",
    });
  }
  if (reference.includes("/")) return;
  throw new PlimsollError("usage", `${JSON.stringify(reference.slice(0, 100))} is not a repository in a registry`, {
    hint: "For example registry.example.com/security/advisories:latest.",
  });
}
