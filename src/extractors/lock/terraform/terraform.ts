import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The providers that a dependency lock file of Terraform or OpenTofu names, each by its address:
 * `registry.terraform.io/hashicorp/aws`. Source: Terraform, "Dependency Lock File".
 */
export const terraformLock: Extractor = {
  id: "lock/terraform",
  revision: 1,
  files: [{ basename: ".terraform.lock.hcl" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "provider");
  let provider: { readonly name: string; readonly line: number } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, name] = /^provider "([\w./-]{1,300})" \{\s*$/.exec(line) ?? [];
    const [, version] = /^ {1,8}version {1,20}= "([\w.+-]{1,100})"\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      if (provider) broken.note(`${provider.name} has no version`);
      provider = { name, line: index + 1 };
    } else if (line.startsWith("provider")) broken.note(`line ${index + 1} names no provider`);
    if (provider && version !== undefined) {
      const declaration = { line: provider.line, relation: "direct" } as const;
      yield { kind: "package", package: { type: "terraform", name: provider.name, version, declaration } };
      provider = undefined;
    }
  }
  if (provider) broken.note(`${provider.name} has no version`);
  broken.report();
}
