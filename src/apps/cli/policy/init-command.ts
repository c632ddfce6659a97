import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { documentPath } from "../../../io/files/data-path.ts";
import { makeFolder } from "../../../io/files/make-folder.ts";
import { PlimsollError } from "../../../model/error.ts";
import { writeOut } from "../terminal/output.ts";

const policyFile = "plimsoll.yaml";
const schemaFolder = ".plimsoll";
const schemaFile = `${schemaFolder}/policy.schema.json`;

const firstPolicy = `# yaml-language-server: $schema=${schemaFile}
# Says what may ship. Plimsoll reads this file in its folder and in all folders below it.
# docs/policy.md of Plimsoll describes all keys.

# Deny findings, and failed checks, of this severity or worse: critical, high, medium, low or negligible.
failOn: high
`;

/** `plimsoll init`. */
export function initCommand(): Command {
  return new Command("init")
    .summary("create plimsoll.yaml, the policy")
    .description("Create plimsoll.yaml in this folder, and the JSON Schema with which editors complete it.")
    .addHelpText("before", "Examples:\n  plimsoll init\n")
    .action(() => {
      try {
        writeFileSync(policyFile, firstPolicy, { flag: "wx" });
      } catch (cause) {
        if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw unwritable(cause);
        throw new PlimsollError("usage", `${policyFile} already exists`, { cause });
      }
      try {
        makeFolder(schemaFolder);
        writeFileSync(schemaFile, readFileSync(documentPath("policy.schema.json")));
      } catch (cause) {
        throw unwritable(cause);
      }
      writeOut(`created ${policyFile} and ${schemaFile}\n`);
    });
}

function unwritable(cause: unknown): PlimsollError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PlimsollError("output-not-written", `the policy could not be written: ${why}`, { cause });
}
