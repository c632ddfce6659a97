import { FormatValue } from "../values/format-value.ts";
import { ListValue, noValue, OptionalValue } from "../values/value.ts";
import { isBase64 } from "./base64.ts";
import { type Overload, overload } from "./overload.ts";
import { isTimestamp } from "./time-text.ts";

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

// The texts are those with which an API server of Kubernetes answers, as policies show them to users.
const isLabel = rule(label, {
  most: 63,
  text: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ["my-name", "123-abc"],
});
const isSubdomain = rule(subdomain, {
  most: 253,
  text: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ["example.com"],
});
const isLabel1035 = rule(label1035, {
  most: 63,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ["my-name", "abc-123"],
});
const isLabelValue = rule(`(${qualified})?`, {
  most: 63,
  text: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ["MyValue", "my_value", "12345"],
});
const isName = rule(qualified, {
  most: 63,
  text: "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ["MyName", "my.name", "123-abc"],
});

const formats: ReadonlyMap<string, FormatValue> = new Map(
  Object.entries<FormatValue["validate"]>({
    dns1123Label: isLabel,
    dns1123Subdomain: isSubdomain,
    dns1035Label: isLabel1035,
    qualifiedName: isQualifiedName,
    dns1123LabelPrefix: (text) => isLabel(withoutDash(text)),
    dns1123SubdomainPrefix: (text) => isSubdomain(withoutDash(text)),
    dns1035LabelPrefix: (text) => isLabel1035(withoutDash(text)),
    labelValue: isLabelValue,
    uri: (text) =>
      complaint(/^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/)[^\s\u0000-\u001F\u007F]*$/.test(text), "invalid URI for request"),
    uuid: (text) =>
      complaint(
        /^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/.test(text),
        "does not match the UUID format",
      ),
    byte: (text) => complaint(text.length % 4 === 0 && isBase64(text), "invalid base64"),
    date: (text) => complaint(/^\d{4}-\d\d-\d\d$/.test(text) && isTimestamp(`${text}T00:00:00Z`), "invalid date"),
    datetime: (text) => complaint(isTimestamp(text), "invalid datetime"),
  }).map(([name, validate]) => [name, new FormatValue(name, validate)]),
);

/** Formats of strings by their names, by k8s.io/apiserver, pkg/cel/library/format.go. */
export const namedFormatFunctions: readonly Overload[] = [
  ...Array.from(formats, ([name, format]) =>
    overload(`format.${name}`, { takes: [], gives: "format", run: () => format }),
  ),
  overload("format.named", {
    takes: ["string"],
    gives: "optional",
    run: ([name]) => {
      const format = formats.get(name);
      return format ? new OptionalValue(format) : noValue;
    },
  }),
  overload(".validate", {
    takes: ["format", "string"],
    gives: "optional",
    run: ([format, text], meter) => {
      meter.spendOn(text.length);
      const mistakes = format.validate(text);
      return mistakes.length === 0 ? noValue : new OptionalValue(new ListValue(mistakes));
    },
  }),
];

function complaint(holds: boolean, text: string): string[] {
  return holds ? [] : [text];
}

function rule(
  pattern: string,
  { most, text, examples }: { most: number; text: string; examples: readonly string[] },
): (value: string) => string[] {
  // Without a bound the pattern could take long; text longer than the maximum is wrong already.
  const shape = new RegExp(`^${pattern}$`);
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return (value) => {
    const tooLong = value.length > most ? [`must be no more than ${most} characters`] : [];
    const fits = value.length <= most && shape.test(value);
    return fits || tooLong.length > 0 ? tooLong : [`${text} (e.g. ${shown}regex used for validation is '${pattern}')`];
  };
}

function isQualifiedName(text: string): string[] {
  const parts = text.split("/");
  if (parts.length > 2) return ["a qualified name must be a name with an optional DNS subdomain prefix and '/'"];
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? isSubdomain(parts[0] ?? "").map((mistake) => `prefix part ${mistake}`) : [];
  return [...prefix, ...isName(name)];
}

function withoutDash(text: string): string {
  return text.endsWith("-") ? `${text.slice(0, -1)}a` : text;
}
