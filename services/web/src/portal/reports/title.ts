import { locale } from "@/words";

/** The title of an obligation or of its report, in the reader's language. */
export const titleOf = (one: { title_zh: string; title_en: string }): string =>
  locale.value === "en" && one.title_en ? one.title_en : one.title_zh;
