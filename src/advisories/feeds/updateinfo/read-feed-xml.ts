import type { XmlElement } from "../../../io/xml.ts";
import { readXmlFile } from "../../../io/xml-file.ts";
import { PlimsollError } from "../../../model/error.ts";

/** What to read of a feed's XML file. */
export interface FeedXmlOptions {
  /** How messages name the file. */
  readonly label: string;
  readonly root: string;
  readonly elements: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Bytes of XML in one file; Oracle's, the largest, has some 250 MB. */
const largestDocument: number = 8 * 1024 * 1024 * 1024;

/**
 * Elements of a feed's XML file, plain or compressed, one at a time.
 *
 * Errors: `feed-malformed` when the file is damaged or another one, `limit-exceeded`, `cancelled`.
 */
export async function* readFeedXml(path: string, options: FeedXmlOptions): AsyncGenerator<XmlElement> {
  try {
    yield* readXmlFile(path, { ...options, limit: largestDocument });
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code !== "file-malformed") throw cause;
    throw new PlimsollError("feed-malformed", cause.message, {
      hint: "Fetch it again; the database that was there before is unchanged.",
      cause,
    });
  }
}

/** The first element of this name directly inside. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All elements of this name directly inside. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the first element of this name directly inside, undefined when there is none or it is empty. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text || undefined;
}
