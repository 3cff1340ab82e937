import { onBeforeUnmount, onMounted } from "vue";

/** Single keys, only while nobody is typing and no dialog is open. `other` hears the letters no name was given. */
export function useKeys(named: Readonly<Record<string, () => void>>, other: (key: string) => void): void {
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const letter = event.key.length === 1;
    const key = letter ? event.key.toLowerCase() : event.key;
    const act = named[key];
    if (act) {
      event.preventDefault();
      act();
    } else if (letter) other(key);
  }

  onMounted(() => window.addEventListener("keydown", press));
  onBeforeUnmount(() => window.removeEventListener("keydown", press));
}
