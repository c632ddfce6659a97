import { type Check, type Condition, ConditionError } from "../language/condition.ts";
import { ConditionCompiler } from "../language/condition-compiler.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import { FormatCompiler } from "../language/format-compiler.ts";
import { parseCondition } from "../language/parse-condition.ts";
import { type AppendOutput, appendOutputs } from "./append-output.ts";
import { warnOfCondition, warnOfOutput } from "./check-condition.ts";
import { textOf, withExceptions } from "./exception.ts";
import { type LoadContext, LoadError } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";
import { ListInserter, type ResolvedList, resolveLists } from "./resolve-lists.ts";
import { type MacroLookup, MacroResolver, type ResolvedMacro } from "./resolve-macros.ts";
import type { RuleCollection } from "./rule-collection.ts";
import type { MacroDefinition, RuleDefinition } from "./rule-definition.ts";
import type { List, LoadFinding, Macro, Rule, WrittenRule } from "./rule-set.ts";
import type { RuleSource } from "./rule-source.ts";

/** What compiling needs to know besides the definitions. */
export interface CompileOptions {
  readonly source: (name: string) => RuleSource | undefined;
  readonly appendOutput: readonly AppendOutput[];
  readonly maxDepth: number;
  readonly generation: "head" | "0.40";
}

/** Rules, macros and lists, ready to be used. */
export interface CompiledDefinitions {
  readonly rules: readonly Rule[];
  readonly macros: readonly Macro[];
  readonly lists: readonly List[];
}

const maxEventTypes = 100;

/**
 * Turns what a collection has into rules, as often as it has changed; conditions that stay the same are parsed once.
 */
export class DefinitionCompiler {
  readonly #options: CompileOptions;
  readonly #resolver = new MacroResolver();
  readonly #parsed = new Map<string, Condition>();
  readonly #compiled = new WeakMap<RuleDefinition, KnownRule>();

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  /** `undefined` after an error, which goes to `messages`. */
  compile(collection: RuleCollection, messages: LoadMessages): CompiledDefinitions | undefined {
    try {
      const compiled = new Compilation(collection, {
        ...this.#options,
        messages,
        resolver: this.#resolver,
        parsed: this.#parsed,
        compiled: this.#compiled,
      });
      return compiled.run();
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      messages.fail(error);
      return undefined;
    }
  }
}

interface CompilationOptions extends CompileOptions {
  readonly messages: LoadMessages;
  readonly resolver: MacroResolver;
  readonly parsed: Map<string, Condition>;
  readonly compiled: WeakMap<RuleDefinition, KnownRule>;
}

/** A rule that was compiled, with what it was made of and what was said of it. */
interface KnownRule {
  readonly visibility: number;
  readonly rule: Rule;
  readonly warnings: readonly LoadFinding[];
}

/** A condition with its lists put in. */
interface Parsed {
  readonly condition: Condition;
  readonly lists: ReadonlySet<string>;
}

class Compilation {
  readonly #collection: RuleCollection;
  readonly #options: CompilationOptions;
  readonly #lists: readonly ResolvedList[];
  readonly #inserter: ListInserter;
  readonly #macros = new Map<string, ResolvedMacro>();
  /** The lists in the own text of each macro. */
  readonly #macroLists = new Map<string, ReadonlySet<string>>();

  constructor(collection: RuleCollection, options: CompilationOptions) {
    this.#collection = collection;
    this.#options = options;
    this.#lists = resolveLists(collection.lists);
    this.#inserter = new ListInserter(this.#lists);
  }

  run(): CompiledDefinitions {
    const definitions = [...this.#collection.macros.values()];
    for (const { name, condition: text, conditionContext } of definitions) {
      const { condition, lists } = this.#parse(text, conditionContext);
      this.#macros.set(name, { name, condition, macros: new Set(), isUsed: false });
      this.#macroLists.set(name, lists);
    }
    for (const definition of definitions) this.#resolveMacro(definition);
    const rules = Array.from(this.#collection.rules.values(), (rule) => this.#compileRule(rule));
    this.#warnOfUnused();
    return { rules: rules.filter((rule) => rule !== undefined), macros: this.#allMacros(), lists: this.#allLists() };
  }

  #parse(text: string, context: LoadContext): Parsed {
    const inserted = this.#inserter.insert(text);
    if (!inserted) {
      const message = "the condition is too long after its lists are expanded";
      throw new LoadError("LOAD_ERR_COMPILE_CONDITION", message, context.inCondition(text, undefined));
    }
    try {
      const { maxDepth, generation, parsed } = this.#options;
      const condition = parsed.get(inserted.text) ?? parseCondition(inserted.text, { maxDepth, generation });
      parsed.set(inserted.text, condition);
      return { condition, lists: inserted.lists };
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new LoadError("LOAD_ERR_COMPILE_CONDITION", error, context.inCondition(inserted.text, error.place));
    }
  }

  /** A macro may use those that were defined before its last change. */
  #resolveMacro({ name, condition: text, visibility, context }: MacroDefinition): void {
    const macro = this.#macros.get(name);
    if (!macro) return;
    const visible = (other: string): ResolvedMacro | undefined => {
      const index = this.#collection.macros.get(other)?.index;
      return index !== undefined && index < visibility ? this.#macros.get(other) : undefined;
    };
    const { condition, macros } = this.#resolve(macro.condition, { visible, text, context });
    macro.condition = condition;
    macro.macros = macros;
  }

  #resolve(
    condition: Condition,
    { visible, text, context }: { visible: MacroLookup; text: string; context: LoadContext },
  ): ReturnType<MacroResolver["resolve"]> {
    try {
      return this.#options.resolver.resolve(condition, visible);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new LoadError("LOAD_ERR_VALIDATE", error.message, context.inCondition(text, error.place));
    }
  }

  /** `undefined` for a rule that is left out. A rule that is unchanged since the file before is not compiled again. */
  #compileRule(definition: RuleDefinition): Rule | undefined {
    const { compiled, messages } = this.#options;
    const { visibility, isEnabled, extension } = definition;
    const known = compiled.get(definition);
    const isSame = known?.visibility === visibility && known.rule.extension === extension;
    if (isSame && this.#resolveAgain(definition) === known.rule.resolved) {
      messages.repeat(known.warnings);
      return { ...known.rule, isEnabled };
    }
    const before = messages.findings.length;
    const rule = this.#recompile(definition);
    // Whether the rules that a sequence waits for are there can change with any file.
    if (rule && !extension?.sequence) {
      compiled.set(definition, { visibility, rule, warnings: messages.findings.slice(before) });
    }
    return rule;
  }

  /** `undefined` when something is wrong with the condition now. */
  #resolveAgain({ condition: text, exceptions, conditionContext, context }: RuleDefinition): Condition | undefined {
    try {
      const { condition } = this.#parse(withExceptions(text, exceptions), conditionContext);
      return this.#resolve(condition, { visible: (name) => this.#macros.get(name), text, context }).condition;
    } catch (error) {
      if (error instanceof LoadError) return undefined;
      throw error;
    }
  }

  #recompile(definition: RuleDefinition): Rule | undefined {
    const source = definition.hasUnknownSource ? undefined : this.#options.source(definition.source);
    if (!source) return undefined;
    const { generation, messages, appendOutput } = this.#options;
    const text = withExceptions(definition.condition, definition.exceptions);
    const formats = new FormatCompiler(source.catalogue, { generation });
    const appended = appendOutputs(definition, { entries: appendOutput, fields: source.catalogue.definitions });
    const output = this.#dropContainerInfo(appended.output, definition);
    const outputFields = this.#outputFields(definition, { isSkippable: true, compile: () => formats.compile(output) });
    if (!outputFields) return undefined;
    warnOfOutput(output, { messages, context: definition.outputContext });
    for (const { format } of appended.extraFields) {
      this.#outputFields(definition, { isSkippable: false, compile: () => formats.compile(format) });
      warnOfOutput(format, { messages, context: definition.outputContext });
    }
    const { condition, lists } = this.#parse(text, definition.conditionContext);
    const { condition: resolved, macros } = this.#resolve(condition, {
      visible: (name) => this.#macros.get(name),
      text,
      context: definition.context,
    });
    warnOfCondition(resolved, { messages, context: definition.conditionContext.inCondition(text, undefined) });
    if (!this.#checkCondition(resolved, { definition, text, source })) return undefined;
    if (source.hasEventTypes && this.#eventTypes(resolved, { definition, text }) > maxEventTypes) {
      const message = "Rule matches too many evt.type values. This has a significant performance penalty.";
      if (definition.warnsOfEventTypes) messages.warn("LOAD_NO_EVTTYPE", message, definition.context);
    }
    this.#checkExtension(definition, formats);
    const listsUsed = new Set([...lists, ...[...macros].flatMap((name) => [...(this.#macroLists.get(name) ?? [])])]);
    return {
      name: definition.name,
      description: definition.description,
      priority: definition.priority,
      source: definition.source,
      tags: [...definition.tags].sort(),
      isEnabled: definition.isEnabled,
      condition: definition.condition,
      resolved,
      output,
      place: definition.context.place,
      macrosUsed: [...macros].sort(),
      listsUsed: [...listsUsed].sort(),
      ...(appended.extraFields.length > 0 && { extraFields: appended.extraFields }),
      ...(definition.extension && { extension: definition.extension }),
      written: writtenRule(definition, outputFields),
    };
  }

  #dropContainerInfo(output: string, { context }: RuleDefinition): string {
    if (!output.includes("%container.info")) return output;
    const deprecated = "%container.info is deprecated and no more useful, and will be dropped by Falco 1.0.0.";
    const instead = "The container plugin will automatically add required fields to the output message.";
    this.#options.messages.warn("LOAD_DEPRECATED_ITEM", `${deprecated} ${instead}`, context);
    return output.replaceAll("%container.info", "");
  }

  /** The fields of an output format; `undefined` when the rule is to be left out. */
  #outputFields(
    { skipsUnknownFilters, outputContext }: RuleDefinition,
    {
      isSkippable,
      compile,
    }: { readonly isSkippable: boolean; readonly compile: () => { readonly fields: readonly string[] } },
  ): readonly string[] | undefined {
    try {
      return compile().fields;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      if (!isSkippable || !skipsUnknownFilters || !isUnknownName(error.message)) {
        throw new LoadError("LOAD_ERR_COMPILE_OUTPUT", error, outputContext);
      }
      this.#options.messages.warn("LOAD_UNKNOWN_FILTER", error.message, outputContext);
      return undefined;
    }
  }

  /** False when the rule is to be left out. */
  #checkCondition(
    condition: Condition,
    { definition, text, source }: { definition: RuleDefinition; text: string; source: RuleSource },
  ): boolean {
    const { conditionContext: context, skipsUnknownFilters } = definition;
    const { generation, messages } = this.#options;
    const warnings: { readonly message: string; readonly check: Check }[] = [];
    const warn = (message: string, check: Check): void => void warnings.push({ message, check });
    try {
      new ConditionCompiler(source.catalogue, { generation, warn }).compile(condition);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      const here = context.inCondition(text, error.place);
      if (!skipsUnknownFilters || !isUnknownName(error.message)) {
        throw new LoadError("LOAD_ERR_COMPILE_CONDITION", error, here);
      }
      messages.warn("LOAD_UNKNOWN_FILTER", error.message, here);
      return false;
    }
    for (const { message, check } of warnings) {
      messages.warn("LOAD_COMPILE_CONDITION", message, context.inCondition(text, check.right?.place ?? check.place));
    }
    return true;
  }

  #eventTypes(condition: Condition, { definition, text }: { definition: RuleDefinition; text: string }): number {
    try {
      return eventCodesOf(condition).size;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      const here = definition.conditionContext.inCondition(text, error.place);
      throw new LoadError("LOAD_ERR_COMPILE_CONDITION", error, here);
    }
  }

  /**
   * Error: a {@link LoadError} for a field that the source does not have. A rule that is waited for may be in a later
   * file.
   */
  #checkExtension({ extension, context }: RuleDefinition, formats: FormatCompiler<never>): void {
    const { threshold, sequence, deduplicate } = extension ?? {};
    const here = context.within("extension item", "plimsoll");
    for (const field of [threshold, sequence, deduplicate].flatMap((part) => part?.by ?? [])) {
      try {
        if (formats.compile(`%${field}`).fields.length === 1) continue;
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
      }
      throw new LoadError("LOAD_ERR_EXTENSION", `'${field}' is not a field of the rule's source`, here);
    }
    for (const name of sequence?.after ?? []) {
      if (this.#collection.rules.has(name)) continue;
      const message = `'${name}', the rule that must match before, is not defined`;
      this.#options.messages.warn("LOAD_WARNING_EXTENSION", message, here);
    }
  }

  #warnOfUnused(): void {
    const { messages } = this.#options;
    for (const { name, context } of this.#collection.macros.values()) {
      if (this.#macros.get(name)?.isUsed) continue;
      messages.warn("LOAD_UNUSED_MACRO", "Macro not referred to by any other rule/macro", context);
    }
    for (const { name, isUsed } of this.#lists) {
      const context = this.#collection.lists.get(name)?.context;
      if (!isUsed && context)
        messages.warn("LOAD_UNUSED_LIST", "List not referred to by any other rule/macro", context);
    }
  }

  #allMacros(): Macro[] {
    return Array.from(this.#collection.macros.values(), ({ name, condition, appended, context }) => {
      const { condition: resolved, isUsed } = this.#macros.get(name) ?? failMissing(name);
      return { name, condition, appended: [...appended], resolved, isUsed, place: context.place };
    });
  }

  #allLists(): List[] {
    return this.#lists.map(({ name, items, isUsed }) => {
      const { items: written, context } = this.#collection.lists.get(name) ?? failMissing(name);
      return { name, items, written: [...written], isUsed, place: context.place };
    });
  }
}

/** Errors for which `skip-if-unknown-filter` leaves a rule out, by what their messages have in them. */
function isUnknownName(message: string): boolean {
  const parts = ["nonexistent field", "invalid formatting token", "unknown event type", "unknown filter:"];
  return parts.some((part) => message.includes(part));
}

function writtenRule(definition: RuleDefinition, outputFields: readonly string[]): WrittenRule {
  const { output, capture, captureDuration, exceptions, appended } = definition;
  return {
    output,
    outputFields,
    capture,
    captureDuration,
    exceptions: exceptions.map((exception) => ({
      name: exception.name,
      fields: [exception.fields].flat().map(textOf),
      operators: [exception.operators].flat().map(textOf),
      hasValues: exception.values.length > 0,
    })),
    appended: [...appended],
  };
}

function failMissing(name: string): never {
  throw new Error(`${name} was compiled without a definition`);
}
