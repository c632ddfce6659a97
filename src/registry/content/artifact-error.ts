import { PlimsollError } from "../../model/error.ts";

/**
 * `manifest-malformed`: what was named is there, and is a chart, a signature or something else that is not an image.
 */
export class ArtifactError extends PlimsollError {
  constructor(what: string) {
    super("manifest-malformed", `${what} is an artifact, not an image`, {
      hint: "The artifact may be a chart, a signature or a database; specify an image.",
    });
  }
}
