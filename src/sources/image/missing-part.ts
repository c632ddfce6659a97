/** The cause of an error about an image of which a part is not there, so that it has to be got again. */
export class MissingPart extends Error {
  override readonly name = "MissingPart";

  constructor() {
    super("a part of the image is missing");
  }
}
