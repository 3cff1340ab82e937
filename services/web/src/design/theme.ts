import { ref, watchEffect } from "vue";

export type Theme = "auto" | "light" | "dark";

const KEY = "louyu.theme";
const stored = localStorage.getItem(KEY);

/** What the person chose; "auto" follows the machine. */
export const theme = ref<Theme>(stored === "light" || stored === "dark" ? stored : "auto");

const machine = window.matchMedia("(prefers-color-scheme: dark)");
const machineIsDark = ref(machine.matches);
machine.addEventListener("change", (event) => (machineIsDark.value = event.matches));

export function applyTheme(): void {
  watchEffect(() => {
    const dark = theme.value === "dark" || (theme.value === "auto" && machineIsDark.value);
    document.documentElement.classList.toggle("dark", dark);
    if (theme.value === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme.value);
  });
}
