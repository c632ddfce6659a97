import { Option } from "commander";

/**
 * An option with values that completion offers, and that takes others too: lists of them, versions, other spellings.
 */
export class SuggestingOption extends Option {
  readonly suggestions: readonly string[];

  constructor(
    flags: string,
    { description, suggestions }: { readonly description: string; readonly suggestions: readonly string[] },
  ) {
    super(flags, description);
    this.suggestions = suggestions;
  }
}
