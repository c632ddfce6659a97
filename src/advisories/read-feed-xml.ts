import { readXmlElements, type XmlElement, type XmlOptions } from "../io/documents/xml.ts";
import { PlimsollError } from "../model/error.ts";
import { feedMalformed, feedOverLimit, readFeedBytes } from "./read-feed-file.ts";

/** What to read of a feed's XML file. */
export interface FeedXmlOptions extends XmlOptions {
  readonly signal: AbortSignal;
}

/** Bytes of XML in one file; Oracle's, the largest, has some 250 MB. */
const maxBytes: number = 8 * 1024 * 1024 * 1024;

/**
 * Elements of a feed's XML file, plain or packed, as {@link readXmlElements} gives them.
 *
 * Errors: `feed-malformed` when the file is damaged or another one, `limit-exceeded`, `cancelled`.
 */
export async function* readFeedXml(path: string, options: FeedXmlOptions): AsyncGenerator<XmlElement> {
  const { label: title, signal } = options;
  try {
    yield* readXmlElements(readFeedBytes(path, { title, maxBytes, signal }), options);
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    if (cause.code === "file-malformed") throw feedMalformed(title, cause.message, cause);
    throw cause.code === "limit-exceeded" ? feedOverLimit(cause.message, cause) : cause;
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
