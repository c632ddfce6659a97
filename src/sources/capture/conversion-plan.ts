import { type KernelEventType, kernelEventCode, kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { type ConversionStep, conversionSteps, enterEventsForState } from "./conversion-steps.ts";

/** As which generation of Falco's library events are handed out: `head` without enter events, or `0.40` with them. */
export type CaptureGeneration = "head" | "0.40";

/** The most parameters that an event may have. */
export const mostParameters = 32;

/** Where a parameter of a converted event comes from. */
export interface ParameterSource {
  readonly from: "own" | "enter" | "nothing";
  /** The index of the parameter there. */
  readonly index: number;
  /** The most bytes that are taken. */
  readonly most: number;
  /** How many bytes of `zeroByte` stand for it when there is nothing to take. */
  readonly zeroSize: number;
  readonly zeroByte: number;
}

/** What becomes of the events of one code with a certain number of parameters. */
export interface ConversionPlan {
  readonly isHandedOut: boolean;
  /** Kept under its thread until the event after the system call asks for its parameters. */
  readonly isKept: boolean;
  /** Handed out for the state only. */
  readonly isHidden: boolean;
  /** As what it is handed out, and as what it is kept. */
  readonly code: number;
  readonly keptCode: number;
  /** Its parameters become one, as JSON: the four of `CONTAINER_E`. */
  readonly isContainer: boolean;
  /** Absent: the parameters are what they are. */
  readonly sources?: readonly ParameterSource[];
  /** The code that the kept event must have; -1 when none is needed. */
  readonly enterCode: number;
  readonly visibleCount: number;
}

const steps = new Map(conversionSteps.map((step) => [keyOf(kernelEventCode(step.code), step.parameterCount), step]));

/** More steps than any event needs. */
const mostSteps = 32;

const container = kernelEventCode("CONTAINER_E");
const containerJson = kernelEventCode("CONTAINER_JSON_2_E");
const plain = { isHandedOut: true, isKept: false, isHidden: false };

/** The plan for events of a known code with so many parameters, not more than its type has. */
export function conversionPlan(code: number, count: number, generation: CaptureGeneration): ConversionPlan {
  return generation === "head" ? currentPlan(code, count) : olderPlan(code, count);
}

function currentPlan(code: number, count: number): ConversionPlan {
  if (code === container && count === 4) {
    const sources = ownParameters(containerJson, 1);
    const plan = planOf({ code: containerJson, sources, enterCode: -1 }, count, { ...plain, visibleCount: 1 });
    return { ...plan, isContainer: true };
  }
  const chain = followSteps(code, count, { takesEnterOnce: true });
  const type = typeOf(chain.code);
  const isManaged = type.flags.includes("CONVERTER_MANAGED");
  const forState = type.isExit ? undefined : enterEventsForState[type.id];
  const isNeeded = type.isExit || (isManaged ? forState !== undefined : !type.flags.includes("OLD_VERSION"));
  return planOf(chain, count, {
    isHandedOut: isNeeded && !type.flags.includes("UNUSED"),
    isKept: isManaged && !type.isExit && forState !== "not kept",
    isHidden: forState !== undefined,
    visibleCount: chain.sources.length,
  });
}

/**
 * For generation 0.40: an event keeps its code and what a reader sees of it, and gets the parameters of the enter event
 * behind them. Only where a newer layout put parameters between the old ones it becomes the current event.
 */
function olderPlan(code: number, count: number): ConversionPlan {
  const type = typeOf(code);
  const unchanged = { code, sources: ownParameters(code, count), enterCode: -1 };
  const known = type.old?.parameterCount ?? type.parameters.length;
  const fate = { ...plain, visibleCount: Math.min(count, known) };
  if (!type.flags.includes("CONVERTER_MANAGED")) return planOf(unchanged, count, fate);
  const chain = followSteps(code, count, { takesEnterOnce: false });
  if (!type.isExit) {
    const isKept = enterEventsForState[type.id] !== "not kept";
    return { ...planOf(unchanged, count, { ...fate, isKept }), keptCode: chain.code };
  }
  const own = ownPrefixOf(chain.sources);
  if (own < count) return planOf(chain, count, { ...fate, visibleCount: chain.sources.length });
  const wasManaged = (type.old?.flags ?? type.flags).includes("CONVERTER_MANAGED");
  const last = chain.sources.findLastIndex(({ from }) => from === "enter");
  const sources = chain.sources.slice(0, wasManaged ? undefined : Math.max(count, last + 1));
  const seen = wasManaged ? sources.length : count;
  return planOf({ ...chain, code, sources }, count, { ...fate, visibleCount: Math.min(seen, known) });
}

interface Chain {
  readonly code: number;
  readonly sources: readonly ParameterSource[];
  readonly enterCode: number;
}

function planOf(
  { code, sources, enterCode }: Chain,
  count: number,
  fate: Pick<ConversionPlan, "isHandedOut" | "isKept" | "isHidden" | "visibleCount">,
): ConversionPlan {
  const ownPrefix = ownPrefixOf(sources);
  const isSame = sources.length === count && ownPrefix === count;
  return { ...fate, code, keptCode: code, isContainer: false, enterCode, ...(!isSame && { sources }) };
}

/**
 * `takesEnterOnce`: only the first step that needs the enter event gets it, as in the library, which forgets it then;
 * an address that a later step of the same event asks for stays empty.
 */
function followSteps(from: number, count: number, { takesEnterOnce }: { readonly takesEnterOnce: boolean }): Chain {
  let code = from;
  let sources = ownParameters(code, count);
  let enterCode = -1;
  for (let done = 0; done < mostSteps; done++) {
    const step = steps.get(keyOf(code, sources.length));
    if (step === undefined) break;
    const mayTake = enterCode < 0 || (!takesEnterOnce && enterCode === code - 1);
    if (mayTake && /e/i.test(step.parameters)) enterCode = code - 1;
    sources = takeStep(step, sources, mayTake);
    if (step.becomes !== undefined) code = kernelEventCode(step.becomes);
  }
  return { code, sources, enterCode };
}

function takeStep(step: ConversionStep, before: readonly ParameterSource[], mayTake: boolean): ParameterSource[] {
  const taken = step.becomes === undefined ? [...before] : [];
  const { parameters } = typeOf(kernelEventCode(step.becomes ?? step.code));
  for (const word of step.parameters.split(" ").filter((each) => each !== "")) {
    const [first = 0, last = first] = word.split("-").map(Number);
    if (Number.isInteger(first)) {
      for (let index = first; index <= last; index++) {
        const source = before[index];
        const most = sizeOf(parameters[taken.length]?.type ?? "");
        if (source) taken.push({ ...source, most: Math.min(source.most, most ?? source.most) });
      }
    } else taken.push(sourceOf(word, parameters[taken.length]?.type ?? "", mayTake));
  }
  return taken;
}

function sourceOf(word: string, type: string, mayTake: boolean): ParameterSource {
  const size = sizeOf(type);
  const isZero = word === "*" || word.startsWith("E");
  return {
    from: mayTake && /^e/i.test(word) ? "enter" : "nothing",
    index: Number(word.slice(1)) || 0,
    most: size ?? longest,
    zeroSize: isZero ? (size ?? 0) : 0,
    zeroByte: type === "UID" || type === "GID" ? 0xff : 0,
  };
}

const longest = 0xffff;

function ownParameters(code: number, count: number): ParameterSource[] {
  const { parameters } = typeOf(code);
  return Array.from({ length: Math.min(count, parameters.length) }, (_, index) => ({
    from: "own" as const,
    index,
    most: longest,
    zeroSize: 0,
    zeroByte: 0,
  }));
}

function ownPrefixOf(sources: readonly ParameterSource[]): number {
  const end = sources.findIndex(({ from, index }, place) => from !== "own" || index !== place);
  return end < 0 ? sources.length : end;
}

/** Bytes of a value of this type; `undefined` for those of any length. */
function sizeOf(type: string): number | undefined {
  const fixed: Readonly<Record<string, number>> = {
    SIGTYPE: 1,
    SYSCALLID: 2,
    PORT: 2,
    UID: 4,
    GID: 4,
    MODE: 4,
    SIGSET: 4,
    FD32: 4,
    PID32: 4,
    IPV4ADDR: 4,
    RELTIME: 8,
    ABSTIME: 8,
    ERRNO: 8,
    FD: 8,
    PID: 8,
    IPV6ADDR: 16,
  };
  const bits = /^(?:U?INT|FLAGS|ENUMFLAGS)(8|16|32|64)$/.exec(type)?.[1];
  return bits === undefined ? fixed[type] : Number(bits) / 8;
}

function typeOf(code: number): KernelEventType {
  const type = kernelEventTypes[code];
  if (type === undefined) throw new RangeError(`unknown kernel event code ${code}`);
  return type;
}

function keyOf(code: number, count: number): number {
  return code * (mostParameters + 1) + count;
}
