/** True for enums that can be unset, which JSON writes as "UNSPECIFIED". */
type CanBeUnset<T> = string extends T ? false : "UNSPECIFIED" extends T ? true : false;

/**
 * A resource as pages see it: what was not said is absent. The gateway writes an unset enum as
 * "UNSPECIFIED"; `parse` leaves it out, so that no page has to know the word.
 */
export type Said<T> = T extends readonly (infer U)[]
  ? Said<U>[]
  : T extends string
    ? Exclude<T, "UNSPECIFIED">
    : T extends object
      ? { [K in keyof T as CanBeUnset<T[K]> extends true ? never : K]: Said<T[K]> } & {
          [K in keyof T as CanBeUnset<T[K]> extends true ? K : never]?: Said<T[K]>;
        }
      : T;

export function parse<T>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => (value === "UNSPECIFIED" ? undefined : value)) as T;
}
