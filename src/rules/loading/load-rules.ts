import { type Priority, priorities } from "../../model/events/alert.ts";
import { ConditionError } from "../language/condition.ts";
import { ConditionCompiler } from "../language/condition-compiler.ts";
import { parseCondition } from "../language/parse-condition.ts";
import type { AppendOutput } from "./append-output.ts";
import { checkSchema } from "./check-schema.ts";
import { type CompiledDefinitions, DefinitionCompiler } from "./compile-definitions.ts";
import { structureError } from "./item-values.ts";
import { LoadContext, LoadError, SourceText } from "./load-context.ts";
import { LoadMessages } from "./load-messages.ts";
import { type PluginVersion, unmetRequirement } from "./plugin-requirements.ts";
import { readItem } from "./read-item.ts";
import { readYaml, YamlError, type YamlNode } from "./read-yaml.ts";
import { RuleCollection } from "./rule-collection.ts";
import type { FileResult, RuleSet } from "./rule-set.ts";
import type { RuleSource } from "./rule-source.ts";
import { type RuleSelection, selectRules } from "./select-rules.ts";
import { parseVersion, printVersion } from "./version.ts";

export type { AppendOutput } from "./append-output.ts";
export type { RuleSource } from "./rule-source.ts";
export type { RuleSelection } from "./select-rules.ts";

/** A rule file; its name is what findings call it. */
export interface RuleFile {
  readonly name: string;
  readonly text: string;
}

/** What decides how rule files are loaded. */
export interface LoadOptions {
  /** The source of events of this name; the rules of any other are left out with a warning. */
  readonly source: (name: string) => RuleSource | undefined;
  /**
   * The version of Falco's engine that the files may ask for; unless told 0.63.0, the one after Falco 0.44.1, which has
   * 0.62.0.
   */
  readonly engineVersion?: string;
  /** The plugins that files may ask for, or what serves instead. Not given: what they ask for is not checked. */
  readonly plugins?: readonly PluginVersion[];
  readonly appendOutput?: readonly AppendOutput[];
  /** Rules that are less urgent are off, whatever `selection` says. */
  readonly minimumPriority?: Priority;
  readonly selection?: readonly RuleSelection[];
  /** How deep conditions may be nested; 1000 unless told. */
  readonly maxDepth?: number;
  readonly generation?: "head" | "0.40";
}

const falcoEngineVersion = "0.63.0";

/**
 * Loads rule files one after the other, as Falco does: each adds to what those before it defined, and everything is
 * compiled again after each. Nothing that is wrong with a file is thrown; it is an error among the findings.
 */
export function loadRules(files: readonly RuleFile[], options: LoadOptions): RuleSet {
  const { engineVersion = falcoEngineVersion, appendOutput = [], maxDepth = 1000, generation = "head" } = options;
  const source = remembered(options.source);
  const collection = new RuleCollection(parseVersion(engineVersion) ?? [0, 0, 0], fieldsOf(source, generation));
  const compiler = new DefinitionCompiler({ source, appendOutput, maxDepth, generation });
  let compiled: CompiledDefinitions = { rules: [], macros: [], lists: [] };
  const results = files.map(({ name, text }): FileResult => {
    const messages = new LoadMessages();
    const file = new SourceText(name, text.replace(/^\uFEFF/, ""));
    const schema = readFile(file, { collection, messages });
    if (messages.isSuccessful)
      checkPlugins(LoadContext.ofFile(file), { collection, messages, plugins: options.plugins });
    if (messages.isSuccessful) compiled = compiler.compile(collection, messages) ?? compiled;
    return { name, isSuccessful: messages.isSuccessful, findings: messages.findings, schema };
  });
  const { minimumPriority = "Debug", selection = [] } = options;
  const least = priorities.indexOf(minimumPriority);
  const rules = selectRules(compiled.rules, selection).map((rule) =>
    priorities.indexOf(rule.priority) > least ? { ...rule, isEnabled: false } : rule,
  );
  return {
    rules,
    macros: compiled.macros,
    lists: compiled.lists,
    findings: results.flatMap(({ findings }) => findings),
    files: results,
    requiredEngineVersion: printVersion(collection.requiredEngine),
    requiredPlugins: [...collection.requiredPlugins],
  };
}

/** Reads the items of a file into the collection, up to the first error; the result of the schema check. */
function readFile(
  source: SourceText,
  { collection, messages }: { readonly collection: RuleCollection; readonly messages: LoadMessages },
): string[] {
  const context = LoadContext.ofFile(source);
  let documents: YamlNode[];
  try {
    documents = readYaml(source.text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const here = error.offset === undefined ? context : context.atOffset(error.offset, "value for");
    messages.fail(new LoadError("LOAD_ERR_YAML_PARSE", error.message, here));
    return [];
  }
  try {
    for (const document of documents) readDocument(document, { collection, messages, context });
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    messages.fail(error);
  }
  return documents.flatMap(checkSchema);
}

function readDocument(document: YamlNode, reading: Parameters<typeof readItem>[1]): void {
  if (document.kind === "null") return;
  if (document.kind === "scalar") throw structureError("Rules content is not yaml", reading.context);
  if (document.kind === "mapping") throw structureError("Rules content is not yaml array of objects", reading.context);
  for (const item of document.items) if (item.kind !== "null") readItem(item, reading);
}

function checkPlugins(
  context: LoadContext,
  options: {
    readonly collection: RuleCollection;
    readonly messages: LoadMessages;
    readonly plugins: LoadOptions["plugins"];
  },
): void {
  const { collection, messages, plugins } = options;
  const unmet = plugins && unmetRequirement(collection.requiredPlugins, plugins);
  if (unmet !== undefined) messages.fail(new LoadError("LOAD_ERR_VALIDATE", unmet, context));
}

/** A source is asked for once for each of its rules, and may be costly to make. */
function remembered(source: LoadOptions["source"]): LoadOptions["source"] {
  const sources = new Map<string, RuleSource | undefined>();
  return (name) => {
    if (!sources.has(name)) sources.set(name, source(name));
    return sources.get(name);
  };
}

/** A field of an exception may be in a transformer, so that only compiling tells. */
function fieldsOf(
  source: LoadOptions["source"],
  generation: "head" | "0.40",
): ConstructorParameters<typeof RuleCollection>[1] {
  return {
    fieldCheck(name) {
      const catalogue = source(name)?.catalogue;
      if (!catalogue) return undefined;
      return (field) => {
        try {
          const condition = parseCondition(`${field} exists`, { generation });
          new ConditionCompiler(catalogue, { generation }).compile(condition);
          return true;
        } catch (error) {
          if (error instanceof ConditionError) return false;
          throw error;
        }
      };
    },
  };
}
