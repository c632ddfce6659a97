import { completeException, type FieldCheck } from "./exception.ts";
import { type LoadContext, LoadError } from "./load-context.ts";
import type {
  ExceptionDefinition,
  ListDefinition,
  MacroDefinition,
  RuleDefinition,
  RuleUpdate,
} from "./rule-definition.ts";
import type { RequiredPlugin, RuleExtension } from "./rule-set.ts";
import { isCompatible, isOlder, parseVersion, printVersion, type Version } from "./version.ts";

/** What the collection must know of sources: whether a source exists, and which fields it has. */
export interface SourceFields {
  /** `undefined` when there is no such source. */
  fieldCheck(source: string): FieldCheck;
}

/** What an item says that defines something, without its place in the order. */
export type Unplaced<T> = Omit<T, "index" | "visibility">;

/**
 * All that rule files have defined so far. Each definition, and each change to one, is the next in the order. All
 * methods that change something fail with a {@link LoadError} when Falco refuses the item.
 */
export class RuleCollection {
  readonly lists: Map<string, ListDefinition> = new Map();
  readonly macros: Map<string, MacroDefinition> = new Map();
  readonly rules: Map<string, RuleDefinition> = new Map();
  readonly requiredPlugins: RequiredPlugin[] = [];
  requiredEngine: Version = [0, 0, 0];
  readonly #engine: Version;
  readonly #sources: SourceFields;
  #next = 0;

  constructor(engine: Version, sources: SourceFields) {
    this.#engine = engine;
    this.#sources = sources;
  }

  requireEngine(version: Version, context: LoadContext): void {
    if (!isCompatible(this.#engine, version)) {
      const is = `but engine version is ${printVersion(this.#engine)}`;
      throw invalid(`Rules require engine version ${printVersion(version)}, ${is}`, context);
    }
    if (isOlder(this.requiredEngine, version)) this.requiredEngine = version;
  }

  requirePlugin(plugin: RequiredPlugin, context: LoadContext): void {
    const names = new Set<string>();
    for (const { name, version } of [plugin, ...plugin.alternatives]) {
      if (!parseVersion(version)) throw invalid(`Invalid required version '${version}' for plugin '${name}'`, context);
      if (names.has(name)) {
        throw invalid(`Defined multiple alternative version requirements for plugin '${name}'`, context);
      }
      names.add(name);
    }
    this.requiredPlugins.push(plugin);
  }

  defineList(list: Unplaced<ListDefinition>): void {
    this.#define(this.lists, list);
  }

  appendList({ name, items, context }: Unplaced<ListDefinition>): void {
    const earlier = this.lists.get(name);
    if (!earlier) throw invalid(noEarlier("List", "items"), context);
    for (const item of items) earlier.items.push(item);
    earlier.visibility = this.#next++;
  }

  defineMacro(macro: Unplaced<MacroDefinition>): void {
    this.#define(this.macros, macro);
  }

  appendMacro({ name, condition, context }: Unplaced<MacroDefinition>): void {
    const earlier = this.macros.get(name);
    if (!earlier) throw invalid(noEarlier("Macro", "condition"), context);
    earlier.condition += ` ${condition}`;
    earlier.appended.push({ text: condition, place: context.place });
    earlier.visibility = this.#next++;
  }

  /**
   * A rule whose source is not known is kept, since later items may change it, but not loaded; `warn` is called then.
   */
  defineRule(rule: Unplaced<Omit<RuleDefinition, "hasUnknownSource">>, warn: () => void): void {
    this.#earlierRule(rule);
    const isField = this.#sources.fieldCheck(rule.source);
    const hasUnknownSource = isField === undefined;
    if (hasUnknownSource) warn();
    for (const { fields, context } of rule.exceptions) {
      if (fields.length === 0) {
        throw invalid("Rule exception item must have fields property with a list of fields", context);
      }
    }
    const exceptions = rule.exceptions.map((exception) => completeException(exception, isField));
    this.#define(this.rules, { ...rule, hasUnknownSource, exceptions });
  }

  /** Turns an earlier rule on or off, without being a change to it that counts for the order. */
  enableRule({ name, isEnabled, context }: { name: string; isEnabled: boolean; context: LoadContext }): void {
    const earlier = this.rules.get(name);
    if (!earlier) throw invalid("Rule has 'enabled' key but no rule by that name already exists", context);
    earlier.isEnabled = isEnabled;
  }

  appendRule(update: RuleUpdate): void {
    const earlier = this.#earlierRule(update);
    if (!earlier) throw invalid(noEarlier("Rule", "<key>"), update.context);
    if (isEmpty(update)) throw invalid("Appended rule must have exceptions or condition property", update.context);
    const { condition, output, description, tags = [], exceptions = [] } = update;
    if (condition) {
      earlier.condition += ` ${condition}`;
      earlier.appended.push({ text: condition, place: update.context.place });
    }
    if (output) earlier.output += ` ${output}`;
    if (description) earlier.description += ` ${description}`;
    for (const tag of tags) earlier.tags.add(tag);
    for (const exception of exceptions) this.#appendException(earlier, exception);
    earlier.visibility = this.#next++;
  }

  replaceInRule(update: RuleUpdate): void {
    const earlier = this.#earlierRule(update);
    if (!earlier) {
      const asked = "An 'override.<key>: replace' to a rule was requested";
      throw invalid(`${asked} but no rule by that name already exists`, update.context);
    }
    if (isEmpty(update)) throw invalid("The rule must have at least one field that can be replaced", update.context);
    const { tags, exceptions } = update;
    if (update.condition !== undefined) {
      earlier.condition = update.condition;
      earlier.appended = [];
    }
    earlier.output = update.output ?? earlier.output;
    earlier.description = update.description ?? earlier.description;
    earlier.priority = update.priority ?? earlier.priority;
    earlier.isEnabled = update.isEnabled ?? earlier.isEnabled;
    earlier.capture = update.capture ?? earlier.capture;
    earlier.captureDuration = update.captureDuration ?? earlier.captureDuration;
    earlier.warnsOfEventTypes = update.warnsOfEventTypes ?? earlier.warnsOfEventTypes;
    earlier.skipsUnknownFilters = update.skipsUnknownFilters ?? earlier.skipsUnknownFilters;
    if (tags) earlier.tags = new Set(tags);
    // Falco looks at fields that replace others no sooner than when there are values for them.
    if (exceptions) earlier.exceptions = exceptions.map((exception) => completeException(exception, undefined));
    earlier.visibility = this.#next++;
  }

  /** Gives an earlier rule the keys that only Plimsoll reads, in place of those that it had. */
  extendRule(name: string, extension: RuleExtension): void {
    const earlier = this.rules.get(name);
    if (earlier) earlier.extension = extension;
  }

  #appendException(rule: RuleDefinition, exception: ExceptionDefinition): void {
    const { name, fields, operators, values, context } = exception;
    const index = rule.exceptions.findIndex((other) => other.name === name);
    const earlier = rule.exceptions[index];
    if (earlier) {
      const only = (key: string) => `Can not append exception ${key} to existing exception, only values`;
      if (fields.length > 0) throw invalid(only("fields"), context);
      if (operators.length > 0) throw invalid(only("comps"), context);
      rule.exceptions[index] = { ...earlier, values: [...earlier.values, ...values] };
      return;
    }
    if (fields.length === 0) {
      throw invalid("Rule exception must have fields property with a list of fields", context);
    }
    if (values.length === 0) {
      throw invalid("Rule exception must have values property with a list of values", context);
    }
    const isField = rule.hasUnknownSource ? undefined : this.#sources.fieldCheck(rule.source);
    rule.exceptions.push(completeException(exception, isField));
  }

  #earlierRule({
    name,
    source,
    context,
  }: {
    name: string;
    source: string;
    context: LoadContext;
  }): RuleDefinition | undefined {
    const earlier = this.rules.get(name);
    if (earlier && source !== "" && earlier.source !== source) {
      throw invalid("Rule has been re-defined with a different source", context);
    }
    return earlier;
  }

  #define<T extends { name: string; index: number; visibility: number }>(map: Map<string, T>, item: Unplaced<T>): void {
    const now = this.#next++;
    const name = item.name;
    // A map keeps the place of a key that is set again, as the order of definitions must.
    map.set(name, { ...item, index: map.get(name)?.index ?? now, visibility: now } as T);
  }
}

function isEmpty({ name: _name, context: _context, source: _source, ...values }: RuleUpdate): boolean {
  return Object.values(values).every((value) => value === undefined);
}

function noEarlier(kind: "List" | "Macro" | "Rule", key: string): string {
  return `${kind} uses 'append' or 'override.${key}: append' but no ${kind.toLowerCase()} by that name already exists`;
}

function invalid(message: string, context: LoadContext): LoadError {
  return new LoadError("LOAD_ERR_VALIDATE", message, context);
}
