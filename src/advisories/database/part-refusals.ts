import { isJsonObject } from "../../model/json-object.ts";

/** What could not be read of a part when it was parsed. */
export interface PartRefusals {
  /** How many problems there were. */
  readonly count: number;
  /** The message of the first. */
  readonly first: string;
  /** The records that a feed can ask for again; none where problems name none; absent when they are too many. */
  readonly ids?: readonly string[];
}

/** As the table `part` holds it: JSON, or nothing. */
export function refusalsText(refusals: PartRefusals | undefined): string {
  if (!refusals) return "";
  const { count, first, ids } = refusals;
  return JSON.stringify({ count, first, ...(ids && { ids }) });
}

/** The inverse of {@link refusalsText}. A text that it does not give throws. */
export function readRefusals(text: string): PartRefusals | undefined {
  if (text === "") return undefined;
  const value: unknown = JSON.parse(text);
  if (isJsonObject(value)) {
    const { count, first, ids } = value;
    if (Number.isSafeInteger(count) && Number(count) > 0 && typeof first === "string" && areTexts(ids)) {
      return { count: Number(count), first, ...(ids && { ids }) };
    }
  }
  throw new Error("what it says of records that could not be read is in no known form");
}

function areTexts(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((item) => typeof item === "string"));
}
