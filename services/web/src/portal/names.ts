import { locale } from "@/words";

/** The side of a two-language name that the reader has chosen; Chinese where there is no English. */
export function nameOf(one: object, field = "name"): string {
  const both = one as Readonly<Record<string, unknown>>;
  const chosen = locale.value === "en" ? both[`${field}_en`] : both[`${field}_zh`];
  return String(chosen || both[`${field}_zh`] || "");
}
