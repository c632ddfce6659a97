import { isJsonObject } from "../../model/objects/json-object.ts";

/** What could not be read of a part when it was parsed. */
export interface PartRefusals {
  /** How many problems there were. */
  readonly count: number;
  /** The message of the first. */
  readonly first: string;
  /** The records that a feed can ask for again; none where problems name none; absent when they are too many. */
  readonly ids?: readonly string[];
  /** The records of which a part was read, and which are the same until their publisher changes them. */
  readonly inPart?: readonly string[];
  /** How many more such records there are. */
  readonly unnamed?: number;
}

/** As the table `part` holds it: JSON, or nothing. */
export function refusalsText(refusals: PartRefusals | undefined): string {
  if (!refusals) return "";
  const { count, first, ids, inPart, unnamed } = refusals;
  return JSON.stringify({
    count,
    first,
    ...(ids && { ids }),
    ...(inPart && { inPart }),
    ...(unnamed !== undefined && { unnamed }),
  });
}

/** The inverse of {@link refusalsText}. A text that it does not give throws. */
export function readRefusals(text: string): PartRefusals | undefined {
  if (text === "") return undefined;
  const value: unknown = JSON.parse(text);
  if (isJsonObject(value)) {
    const { count, first, ids, inPart, unnamed } = value;
    const isCounted = isCount(count) && (unnamed === undefined || isCount(unnamed));
    if (isCounted && typeof first === "string" && areTexts(ids) && areTexts(inPart)) {
      return {
        count,
        first,
        ...(ids && { ids }),
        ...(inPart && { inPart }),
        ...(unnamed !== undefined && { unnamed }),
      };
    }
  }
  throw new Error("its list of unreadable records has an unknown format");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function areTexts(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((item) => typeof item === "string"));
}
