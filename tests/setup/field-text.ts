import type { FieldCatalogue, FieldValue, ResolvedField } from "../../src/rules/language/field.ts";
import { printList, printValue } from "../../src/rules/language/print-value.ts";
import type { KernelEvent } from "../../src/rules/state/kernel-event.ts";

const written = /^([^[]+)(?:\[(.*)\])?$/;

/** The fields of a catalogue by the text that conditions and formats have for them, each resolved once. */
export class FieldTexts {
  readonly #catalogue: FieldCatalogue<KernelEvent>;
  readonly #resolved = new Map<string, ResolvedField<KernelEvent> | undefined>();

  constructor(catalogue: FieldCatalogue<KernelEvent>) {
    this.#catalogue = catalogue;
  }

  field(text: string): ResolvedField<KernelEvent> {
    if (!this.#resolved.has(text)) {
      const [, name = "", argument] = written.exec(text) ?? [];
      this.#resolved.set(text, this.#catalogue.resolve(name, argument));
    }
    const field = this.#resolved.get(text);
    if (field === undefined) throw new Error(`there is no field ${text}`);
    return field;
  }

  value(text: string, event: KernelEvent): FieldValue | readonly FieldValue[] | undefined {
    return this.field(text).extract(event);
  }

  /** The value as it prints, as a byte string; `undefined` when it is missing. */
  text(text: string, event: KernelEvent): string | undefined {
    const field = this.field(text);
    if (field.print !== undefined) return field.print(event);
    const value = field.extract(event);
    if (value === undefined) return undefined;
    const kind = { type: field.typeIn?.(event) ?? field.type, format: field.definition.format };
    return Array.isArray(value) ? printList(value, kind) : printValue(value as FieldValue, kind);
  }
}
