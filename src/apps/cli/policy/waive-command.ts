import { relative } from "node:path";
import { Command, Option } from "commander";
import { readNamedText } from "../../../io/files/read-small-file.ts";
import { PlimsollError } from "../../../model/error.ts";
import { untilFixed, type Waiver } from "../../../model/findings/waiver.ts";
import { counted } from "../../../model/text/counted.ts";
import { collectValues } from "../options/collect-values.ts";
import { writeNote, writeOut } from "../terminal/output.ts";

interface WaiveFlags extends Partial<Omit<Waiver, "id">> {
  readonly import?: string;
  readonly policy?: string;
}

const largestIgnoreFile = 1024 * 1024;
const texts = collectValues((text) => text);

/** `plimsoll waive`. */
export function waiveCommand(): Command {
  return new Command("waive")
    .summary("accept a finding in plimsoll.yaml")
    .description("Add a waiver to the policy: the finding no longer counts, and reports list it as waived.")
    .argument("[id]", "id of a vulnerability or a check; * matches any characters")
    .option("--reason <text>", "why the finding is accepted; required")
    .option("--until <date>", `last day, for example 2027-01-31, or "${untilFixed}": until a fix is available`)
    .option("--owner <name>", "who accepts it")
    .option("--package <purl>", "only this package, for example pkg:npm/lodash@4.17.*; repeatable", texts)
    .option("--path <pattern>", "only at this path; repeatable", texts)
    .option("--image <pattern>", "only in this image; repeatable", texts)
    .option("--resource <pattern>", "only this resource of a check; repeatable", texts)
    .addOption(new Option("--import <file>", "add the entries of an ignore file of Trivy, Grype or Snyk"))
    .option("--policy <file>", "policy file; by default plimsoll.yaml of this folder or above")
    .addHelpText(
      "before",
      [
        "Examples:",
        '  plimsoll waive CVE-2021-23337 --reason "not reachable" --until 2027-01-31',
        "  plimsoll waive --import .trivyignore",
        "",
      ].join("\n"),
    )
    .action(waive);
}

async function waive(id: string | undefined, flags: WaiveFlags): Promise<void> {
  const [{ addWaivers }, { findPolicyFile }] = await Promise.all([
    import("../../../pipeline/policy/add-waivers.ts"),
    import("../../../pipeline/policy/load-policy.ts"),
  ]);
  const { waivers, skipped } =
    flags.import === undefined
      ? { waivers: [await oneOf(id, flags)], skipped: [] }
      : await importedFrom(flags.import, id, flags);
  if (skipped.length > 0) writeNote([`${counted(skipped.length, "entry", "entries")} not converted:`, ...skipped]);
  if (waivers.length === 0) throw new PlimsollError("usage", `${flags.import} has no entry that can be converted`);
  const found = flags.policy ?? findPolicyFile(process.cwd());
  const file = found === undefined ? "plimsoll.yaml" : (flags.policy ?? relative(process.cwd(), found));
  const { isNew } = addWaivers(file, waivers);
  writeOut(`${isNew ? "created" : "changed"} ${file}: ${counted(waivers.length, "waiver")} added\n`);
}

/** Read as the policy would be; an error names the option. */
async function oneOf(id: string | undefined, flags: WaiveFlags): Promise<Waiver> {
  if (id === undefined) {
    throw new PlimsollError("usage", "missing required argument 'id'", {
      hint: "Specify the id of a finding, or an ignore file with --import FILE.",
    });
  }
  if (flags.reason === undefined) {
    throw new PlimsollError("usage", "--reason is missing", { hint: "State why the finding is accepted." });
  }
  const { readYamlShape } = await import("../../../io/documents/yaml-shape.ts");
  const { readPolicyWaivers } = await import("../../../policy/file/read-policy-waivers.ts");
  const { import: _import, policy: _policy, ...scope } = flags;
  const text = JSON.stringify([{ id, ...scope }]);
  try {
    readPolicyWaivers(readYamlShape(text, { file: "waiver", hint: "" }));
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    const what = cause.message.replace(/^waiver:1: 0\.?/, "").trim();
    throw new PlimsollError("usage", /^(?:id|reason)/.test(what) ? what : `--${what}`, { cause });
  }
  return { id, ...scope, reason: flags.reason };
}

async function importedFrom(
  file: string,
  id: string | undefined,
  { import: _import, policy: _policy, ...scope }: WaiveFlags,
) {
  const [other] = [...(id === undefined ? [] : ["an id"]), ...Object.keys(scope).map((name) => `--${name}`)];
  if (other !== undefined) throw new PlimsollError("usage", `--import cannot be combined with ${other}`);
  const { readIgnoreFile } = await import("../../../policy/waivers/imports/read-ignore-file.ts");
  return readIgnoreFile(readNamedText(file, { largest: largestIgnoreFile }), file);
}
