/**
 * By ecosystem (without suffix), the id of a feed that fills none itself and without which the ecosystem's advisories
 * cannot be told apart: they are fetched together.
 */
export const sideTables: ReadonlyMap<string, string> = new Map([["Red Hat", "red-hat-repositories"]]);
