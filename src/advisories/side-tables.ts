/**
 * By ecosystem (without suffix), the id of a feed that does not fill an ecosystem itself and is needed to assign the
 * ecosystem's advisories: they are fetched together.
 */
export const sideTables: ReadonlyMap<string, string> = new Map([["Red Hat", "red-hat-repositories"]]);
