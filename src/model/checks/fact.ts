/** A fact that was collected, or the reason why it could not be: a clause that begins in lower case. */
export type Fact<T> = { readonly value: T } | { readonly unavailable: string };
