import { child, type YamlNode } from "./read-yaml.ts";

// Falco holds every document of a rule file against a JSON schema before it reads it, and only reports the result.
// Scalars have no types in YAML as Falco reads it, so that any scalar is a string, and `true`, `false` and whole
// numbers are their types as well.

/** What of a value the schema looks at, in the order in which the checks of one value run. */
interface Schema {
  readonly anyOf?: readonly Schema[];
  readonly oneOfTexts?: readonly string[];
  readonly items?: Schema;
  readonly atLeastOneProperty?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly type?: "string" | "boolean" | "integer" | "array" | "object";
}

const string: Schema = { type: "string" };
const boolean: Schema = { type: "boolean" };
const integer: Schema = { type: "integer" };
const overriding: Schema = { type: "string", oneOfTexts: ["append", "replace"] };

const override: Schema = {
  type: "object",
  atLeastOneProperty: true,
  properties: {
    items: overriding,
    desc: overriding,
    condition: overriding,
    output: overriding,
    priority: overriding,
    enabled: overriding,
    exceptions: overriding,
    capture: overriding,
    capture_duration: overriding,
    tags: overriding,
    warn_evttypes: overriding,
    "skip-if-unknown-filter": overriding,
  },
};

const exception: Schema = {
  type: "object",
  properties: { name: string, fields: {}, comps: {}, values: {} },
  required: ["name"],
};

const alternative: Schema = {
  type: "object",
  properties: { name: string, version: string },
  required: ["name", "version"],
};

const plugin: Schema = {
  type: "object",
  properties: { name: string, version: string, alternatives: { type: "array", items: alternative } },
  required: ["name", "version"],
};

const item: Schema = {
  type: "object",
  properties: {
    required_engine_version: string,
    required_plugin_versions: { type: "array", items: plugin },
    macro: string,
    condition: string,
    list: string,
    items: { type: "array", items: { anyOf: [integer, string] } },
    rule: string,
    desc: string,
    enabled: boolean,
    output: string,
    append: boolean,
    priority: {
      type: "string",
      oneOfTexts: ["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "INFORMATIONAL", "DEBUG"],
    },
    capture: boolean,
    capture_duration: integer,
    source: string,
    exceptions: { type: "array", items: exception },
    override,
    tags: { type: "array", items: string },
    warn_evttypes: boolean,
    "skip-if-unknown-filter": boolean,
    // Ours: what Falco would refuse here is what Plimsoll knows.
    plimsoll: {},
  },
};

const document: Schema = { type: "array", items: item };

const maxMessages = 1000;

/** The messages of Falco's schema check about one document, innermost first; only `ok` when there is nothing to say. */
export function checkSchema(node: YamlNode): string[] {
  const messages: string[] = [];
  check(node, document, { path: "<root>", messages });
  return messages.length === 0 ? ["ok"] : messages.map((message) => `failed for ${message}`);
}

interface Checking {
  readonly path: string;
  readonly messages: string[];
}

function check(node: YamlNode, schema: Schema, checking: Checking): boolean {
  const { path, messages } = checking;
  const say = (message: string): void => {
    if (messages.length < maxMessages) messages.push(`${path}: ${message}`);
  };
  let isValid = true;
  const fail = (message: string): void => {
    isValid = false;
    say(message);
  };
  if (schema.anyOf && !schema.anyOf.some((one) => check(node, one, { path, messages: [] }))) {
    for (const [index, one] of schema.anyOf.entries()) {
      check(node, one, checking);
      say(`Failed to validate against child schema #${index}.`);
    }
    fail("Failed to validate against any subschemas allowed by anyOf constraint.");
  }
  if (schema.oneOfTexts && node.kind === "scalar" && !schema.oneOfTexts.includes(node.text)) {
    fail("Failed to match against any enum values.");
  }
  if (schema.items && node.kind === "sequence") {
    for (const [index, value] of node.items.entries()) {
      if (!check(value, schema.items, { path: `${path}[${index}]`, messages })) {
        fail(`Failed to validate item #${index} in array.`);
      }
    }
  }
  const { properties = {}, required = [] } = schema;
  if (schema.atLeastOneProperty && isObject(node) && pairsOf(node).length === 0) {
    fail("Object should have no fewer than 1 properties.");
  }
  if (schema.properties && isObject(node)) {
    let known = 0;
    for (const name of Object.keys(properties).sort()) {
      const value = child(node, name);
      const inner = properties[name];
      if (value) known++;
      if (value && inner && !check(value, inner, { path: `${path}[${name}]`, messages })) {
        fail(`Failed to validate against schema associated with property name '${name}'.`);
      }
    }
    // A key that is there twice is refused as well, without its name.
    if (known !== pairsOf(node).length) {
      const unknown = pairsOf(node).find(([key]) => !(key.kind === "scalar" && Object.hasOwn(properties, key.text)));
      const name = unknown?.[0].kind === "scalar" ? unknown[0].text : "";
      fail(
        `Object contains a property that could not be validated using 'properties' or 'additionalProperties' constraints: '${name}'.`,
      );
    }
  }
  if (isObject(node)) {
    for (const name of required) if (!child(node, name)) fail(`Missing required property '${name}'.`);
  }
  if (schema.type && !hasType(node, schema.type)) fail("Value type not permitted by 'type' constraint.");
  return isValid;
}

function pairsOf(node: YamlNode): readonly (readonly [YamlNode, YamlNode])[] {
  return node.kind === "mapping" ? node.pairs : [];
}

/** An empty sequence may stand for an empty object. */
function isObject(node: YamlNode): boolean {
  return node.kind === "mapping" || (node.kind === "sequence" && node.items.length === 0);
}

function hasType(node: YamlNode, type: NonNullable<Schema["type"]>): boolean {
  if (type === "object") return isObject(node);
  if (type === "array") return node.kind === "sequence";
  if (node.kind !== "scalar") return false;
  if (type === "boolean") return node.text === "true" || node.text === "false";
  return type === "string" || /^\s*[-+]?\d+$/.test(node.text);
}
