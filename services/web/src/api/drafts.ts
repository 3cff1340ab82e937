import { reactive, watch } from "vue";

import { dropPhotos } from "./photos";

const PREFIX = "louyu.draft.";

/**
 * What a person typed survives a reload, an expired session and a lost link. Drafts belong to one account
 * and leave the machine at sign-out.
 */
export function useDraft<T extends object>(owner: string, name: string, initial: () => T): { form: T; clear: () => void } {
  const key = `${PREFIX}${owner}.${name}`;
  const form = reactive({ ...initial(), ...read(key) }) as T;
  watch(form, () => localStorage.setItem(key, JSON.stringify(form)), { deep: true });
  return {
    form,
    clear: () => {
      Object.assign(form, initial());
      // The watcher runs after this turn and would write the empty form back.
      queueMicrotask(() => setTimeout(() => localStorage.removeItem(key)));
    },
  };
}

function read(key: string): object {
  const text = localStorage.getItem(key);
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    localStorage.removeItem(key);
    return {};
  }
}

export function dropDrafts(): void {
  dropPhotos();
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
