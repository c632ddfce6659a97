import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import {
  type Action,
  type ActionKind,
  actionKinds,
  type Condition,
  type Dialect,
  errnoNumber,
  type Kernel,
  type Operator,
  type Rule,
  type RuleFilter,
  type SeccompProfile,
} from "./profile.ts";

const mostRules = 20_000;
const mostNames = 200_000;
const largestArgument = 0xffff_ffff_ffff_ffffn;
const operators: readonly string[] = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"] satisfies Operator[];
const noFilter: RuleFilter = { caps: [], arches: [], minKernel: undefined };

/** True for what a document must be to be read as a profile. */
export function looksLikeSeccomp(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return value["kind"] === "SeccompProfile" || "defaultAction" in value || "syscalls" in value;
}

/**
 * Reads a profile of the OCI, Docker, Podman or Security Profiles Operator. Whole numbers above 2^53 must be bigints.
 * Error: `file-malformed`, with the place in the document.
 */
export function readSeccompProfile(document: unknown, file: string): SeccompProfile {
  return new ProfileReader(file).profile(document);
}

/** `X.Y` of a kernel release such as `6.1.0-18-amd64`; undefined where it does not begin so. */
export function kernelOfRelease(release: string): Kernel | undefined {
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})/.exec(release) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

class ProfileReader {
  readonly #file: string;
  #isDocker = false;
  #isPodman = false;
  #names = 0;

  constructor(file: string) {
    this.#file = file;
  }

  profile(document: unknown): SeccompProfile {
    const whole = this.#object(document, "the profile");
    const isResource = whole["kind"] === "SeccompProfile";
    const body = isResource ? this.#object(whole["spec"] ?? {}, "spec") : whole;
    const metadata = isResource && isJsonObject(whole["metadata"]) ? whole["metadata"] : {};
    const rules = this.#rules(body["syscalls"]);
    const architectureMap = this.#architectureMap(body["archMap"]);
    const architectures = this.#texts(body["architectures"], "architectures");
    if (architectureMap && architectures.length > 0) {
      throw this.#wrong("architectures", "is given together with archMap, and only one of them may be given");
    }
    const dialect = isResource ? "operator" : this.#dialect(architectureMap !== undefined);
    return {
      dialect,
      name: typeof metadata["name"] === "string" ? metadata["name"] : undefined,
      defaultAction: this.#defaultAction(body, rules.length),
      architectures: architectureMap
        ? architectureMap.flatMap(({ architecture, subArchitectures }) => [architecture, ...subArchitectures])
        : architectures,
      architectureMap,
      flags: this.#texts(body["flags"], "flags"),
      listenerPath: this.#text(body["listenerPath"], "listenerPath"),
      baseProfile: this.#text(body["baseProfileName"], "baseProfileName"),
      rules,
    };
  }

  #dialect(hasMap: boolean): Dialect {
    if (this.#isPodman) return "podman";
    return hasMap || this.#isDocker ? "docker" : "oci";
  }

  #defaultAction(body: JsonObject, rules: number): Action | undefined {
    const stated = body["defaultAction"];
    if (stated === undefined || stated === "") {
      if (rules > 0) throw this.#wrong("defaultAction", "is missing");
      return undefined;
    }
    const errno = body["defaultErrno"];
    if (errno !== undefined && errno !== "") this.#isPodman = true;
    return this.#action(stated, { number: body["defaultErrnoRet"], name: errno, place: "defaultAction" });
  }

  #rules(value: unknown): readonly Rule[] {
    const list = this.#list(value, "syscalls");
    if (list.length > mostRules) throw this.#wrong("syscalls", `has more than ${mostRules} rules`);
    return list.map((item, index) => this.#rule(item, index));
  }

  #rule(value: unknown, index: number): Rule {
    const place = `syscalls[${index}]`;
    const rule = this.#object(value, place);
    const legacy = this.#text(rule["name"], `${place}.name`);
    const names = this.#texts(rule["names"], `${place}.names`);
    if (legacy && names.length > 0) throw this.#wrong(place, "has both name and names, and only one may be given");
    if (legacy) this.#isDocker = true;
    this.#names += names.length;
    if (this.#names > mostNames) throw this.#wrong("syscalls", `has more than ${mostNames} names`);
    const errno = rule["errno"];
    if (errno !== undefined && errno !== "") this.#isPodman = true;
    if (rule["includes"] !== undefined || rule["excludes"] !== undefined || "comment" in rule) this.#isDocker = true;
    return {
      index,
      names: legacy ? [legacy] : names,
      action: this.#action(rule["action"], { number: rule["errnoRet"], name: errno, place: `${place}.action` }),
      conditions: this.#list(rule["args"], `${place}.args`).map((item, at) =>
        this.#condition(item, `${place}.args[${at}]`),
      ),
      comment: this.#text(rule["comment"], `${place}.comment`) ?? "",
      includes: this.#filter(rule["includes"], `${place}.includes`),
      excludes: this.#filter(rule["excludes"], `${place}.excludes`),
    };
  }

  #action(
    value: unknown,
    { number, name, place }: { readonly number: unknown; readonly name: unknown; readonly place: string },
  ): Action {
    const text = this.#text(value, place) ?? "";
    const stated = text.replace(/^SCMP_ACT_/, "");
    const kind = stated === "KILL" ? "KILL_THREAD" : actionKinds.find((known) => known === stated);
    if (!kind || !text.startsWith("SCMP_ACT_")) {
      throw this.#wrong(place, `is ${shown(value)}, not an action such as SCMP_ACT_ALLOW or SCMP_ACT_ERRNO`);
    }
    return { kind, data: takesData(kind) ? this.#errno(number, name, place) : 0 };
  }

  #errno(number: unknown, name: unknown, place: string): number {
    if (typeof name === "string" && name !== "") {
      const known = errnoNumber(name);
      if (known === undefined) throw this.#wrong(place, `has the unknown errno ${shown(name)}`);
      return known;
    }
    if (number === undefined || number === null) return 1;
    if (typeof number !== "number" || !Number.isInteger(number) || number < 0 || number > 0xffff) {
      throw this.#wrong(place, `has the errno ${shown(number)}, which is not a number from 0 to 65535`);
    }
    return number;
  }

  #condition(value: unknown, place: string): Condition {
    const condition = this.#object(value, place);
    const index = condition["index"] ?? 0;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index > 5) {
      throw this.#wrong(`${place}.index`, `is ${shown(index)}, and a system call has the arguments 0 to 5`);
    }
    const stated = this.#text(condition["op"], `${place}.op`) ?? "";
    const operator = stated.replace(/^SCMP_CMP_/, "");
    if (!stated.startsWith("SCMP_CMP_") || !isOperator(operator)) {
      throw this.#wrong(`${place}.op`, `is ${shown(stated)}, not one of ${operators.join(", ")} after SCMP_CMP_`);
    }
    return {
      index,
      operator,
      value: this.#argument(condition["value"], `${place}.value`),
      masked: this.#argument(condition["valueTwo"], `${place}.valueTwo`),
    };
  }

  #argument(value: unknown, place: string): bigint {
    if (value === undefined || value === null) return 0n;
    const number = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
    if (typeof number !== "bigint" || number < 0n || number > largestArgument) {
      throw this.#wrong(place, `is ${shown(value)}, not a whole number of 64 bits`);
    }
    return number;
  }

  #filter(value: unknown, place: string): RuleFilter {
    if (value === undefined || value === null) return noFilter;
    const filter = this.#object(value, place);
    const stated = filter["minKernel"] ?? "";
    const minKernel = stated === "" ? undefined : this.#kernel(stated, `${place}.minKernel`);
    return {
      caps: this.#texts(filter["caps"], `${place}.caps`),
      arches: this.#texts(filter["arches"], `${place}.arches`),
      minKernel,
    };
  }

  #kernel(value: unknown, place: string): Kernel {
    const [, major, minor] = /^(\d{1,6})\.(\d{1,6})$/.exec(typeof value === "string" ? value : "") ?? [];
    const kernel = { major: Number(major), minor: Number(minor) };
    if (major === undefined || (kernel.major === 0 && kernel.minor === 0)) {
      throw this.#wrong(place, `is ${shown(value)}, not a kernel version such as "4.8"`);
    }
    return kernel;
  }

  #architectureMap(value: unknown): SeccompProfile["architectureMap"] {
    if (value === undefined || value === null) return undefined;
    const list = this.#list(value, "archMap");
    if (list.length === 0) return undefined;
    return list.map((item, index) => {
      const entry = this.#object(item, `archMap[${index}]`);
      return {
        architecture: this.#text(entry["architecture"], `archMap[${index}].architecture`) ?? "",
        subArchitectures: this.#texts(entry["subArchitectures"], `archMap[${index}].subArchitectures`),
      };
    });
  }

  #object(value: unknown, place: string): JsonObject {
    if (isJsonObject(value)) return value;
    throw this.#wrong(place, "is not an object");
  }

  #list(value: unknown, place: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    throw this.#wrong(place, "is not a list");
  }

  #texts(value: unknown, place: string): readonly string[] {
    return this.#list(value, place).map((item) => {
      if (typeof item !== "string") throw this.#wrong(place, `has ${shown(item)}, which is not a text`);
      return item;
    });
  }

  #text(value: unknown, place: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    throw this.#wrong(place, `is ${shown(value)}, not a text`);
  }

  #wrong(place: string, what: string): PlimsollError {
    return new PlimsollError("file-malformed", `${this.#file} is not a valid seccomp profile: ${place} ${what}`, {
      hint: "Compare it with the seccomp section of the OCI runtime specification.",
    });
  }
}

function takesData(kind: ActionKind): boolean {
  return kind === "ERRNO" || kind === "TRACE";
}

function isOperator(text: string): text is Operator {
  return operators.includes(text);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member));
  return text === undefined ? "missing" : text.slice(0, 100);
}
