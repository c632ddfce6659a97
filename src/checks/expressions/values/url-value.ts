import { ObjectValue } from "./object-value.ts";

/** A URL in its parts, as Go reads it. */
export class UrlValue extends ObjectValue {
  readonly kind = "url";
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  /** Without the port, and without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: string;
  readonly escapedPath: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly text: string;

  constructor(parts: Omit<UrlValue, "kind" | "equals">) {
    super();
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.hostname = parts.hostname;
    this.port = parts.port;
    this.escapedPath = parts.escapedPath;
    this.query = parts.query;
    this.text = parts.text;
  }

  equals(other: unknown): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}
