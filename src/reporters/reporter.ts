import type { Report } from "../model/report.ts";

/** Writes a report, or what of it a format needs, in one format. Pure: the same input gives the same bytes. */
export interface Reporter<Input = Report> {
  /** The word after `--format`. */
  readonly id: string;
  /** The media type of the whole output. */
  readonly mediaType: string;
  /** The output in pieces, in order; UTF-8 text that ends with a line break. */
  write(report: Input): Iterable<string>;
}
