import { structureError } from "./item-values.ts";
import type { LoadContext, LoadError } from "./load-context.ts";
import type { YamlNode } from "./read-yaml.ts";
import type { LoadFinding } from "./rule-set.ts";

const maxFindings = 10_000;

/** Messages of loading a file, in order. */
export class LoadMessages {
  readonly findings: LoadFinding[] = [];
  isSuccessful = true;

  fail({ code, message, hint, context }: LoadError): void {
    this.isSuccessful = false;
    const { locations } = context;
    this.#add({
      kind: "error",
      code,
      message,
      locations,
      snippet: context.snippet(),
      ...(hint !== undefined && { hint }),
    });
  }

  warn(code: string, message: string, context: LoadContext): void {
    this.#add({ kind: "warning", code, message, locations: context.locations, snippet: context.snippet() });
  }

  /** Says again what was said of an item while an earlier file was loaded. */
  repeat(warnings: readonly LoadFinding[]): void {
    for (const warning of warnings) this.#add(warning);
  }

  warnOfField(deprecatedField: string, message: string, context: LoadContext): void {
    const { locations } = context;
    const code = "LOAD_DEPRECATED_ITEM";
    this.#add({ kind: "warning", code, message, locations, snippet: context.snippet(), deprecatedField });
  }

  /** A warning for each key of an item that is none of its keys. Error: a `LoadError` for a key that is not text. */
  warnOfUnknownKeys(item: YamlNode, known: readonly string[], context: LoadContext): void {
    if (item.kind !== "mapping") return;
    for (const [node] of item.pairs) {
      if (node.kind === "mapping" || node.kind === "sequence") {
        throw structureError("The key of an item must be a word", context.at(node, "value for"));
      }
      const key = node.kind === "scalar" ? node.text : "null";
      if (known.includes(key)) continue;
      this.warn("LOAD_UNKNOWN_KEY", `Unknown key '${key}'. The key will be ignored.`, context);
    }
  }

  #add(finding: LoadFinding): void {
    // Errors end the loading of a file, so that only warnings can be many.
    if (finding.kind === "error" || this.findings.length < maxFindings) this.findings.push(finding);
  }
}
