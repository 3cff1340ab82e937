import { ref, watch } from "vue";

/** Chinese is written first; English is complete. */
export type Locale = "zh" | "en";

const KEY = "louyu.locale";

function initial(): Locale {
  const stored = localStorage.getItem(KEY);
  if (stored === "zh" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("zh") || !navigator.language ? "zh" : "en";
}

export const locale = ref<Locale>(initial());

watch(
  locale,
  (value) => {
    localStorage.setItem(KEY, value);
    document.documentElement.lang = value === "zh" ? "zh-CN" : "en";
  },
  { immediate: true },
);

export type Params = Readonly<Record<string, string | number>>;
export type Say<K extends string> = (key: K, params?: Params) => string;

/** Every catalogue ever defined, so that one test can compare the two languages of all of them. */
export const CATALOGUES: { zh: Readonly<Record<string, string>>; en: Readonly<Record<string, string>> }[] = [];

/**
 * Fills `{name}`; `{n?one|many}` picks by number, which only English needs.
 */
export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)(?:\?([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return Number(value) === 1 ? one : (many ?? "");
  });
}

/** A face's or component's sentences. The type of the English side is taken from the Chinese one. */
export function defineWords<const K extends string>(
  zh: Readonly<Record<K, string>>,
  en: Readonly<Record<NoInfer<K>, string>>,
): Say<K> {
  CATALOGUES.push({ zh, en });
  return (key, params) => fill((locale.value === "zh" ? zh : en)[key], params);
}

/** For words that data decides (states, kinds): the word if we have one, else the code itself. */
export function wordOr<K extends string>(
  zh: Readonly<Record<K, string>>,
  en: Readonly<Record<NoInfer<K>, string>>,
): (code: string | undefined) => string {
  CATALOGUES.push({ zh, en });
  return (code) => {
    if (!code) return "";
    const side: Readonly<Record<string, string>> = locale.value === "zh" ? zh : en;
    return side[code] ?? code;
  };
}
