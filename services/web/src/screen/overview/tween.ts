import { onScopeDispose, ref, watch, type Ref } from "vue";

const CHANGE_MS = 200;

/** Follows a number within 200 ms; at once when the person asked for less motion. */
export function useTween(target: () => number | undefined): Ref<number | undefined> {
  const shown = ref(target());
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;

  watch(target, (to, from) => {
    cancelAnimationFrame(frame);
    if (to === undefined || from === undefined || still.matches) {
      shown.value = to;
      return;
    }
    const first = shown.value ?? from;
    const began = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, (now - began) / CHANGE_MS);
      shown.value = first + (to - first) * part;
      if (part < 1) frame = requestAnimationFrame(step);
      else shown.value = to;
    };
    frame = requestAnimationFrame(step);
  });
  onScopeDispose(() => cancelAnimationFrame(frame));
  return shown;
}
