import { reactive, watch } from "vue";
import { useRoute, useRouter, type LocationQueryValue } from "vue-router";

/**
 * Filters of a list live in the address: reload, back and a link sent to a colleague show the same rows.
 */
export function useFilters<T extends Record<string, string>>(initial: T): T {
  const route = useRoute();
  const router = useRouter();
  const path = route.path;

  const read = (): T => {
    const found = Object.keys(initial).map((name) => {
      const value: LocationQueryValue | LocationQueryValue[] | undefined = route.query[name];
      return [name, typeof value === "string" ? value : (initial[name] ?? "")];
    });
    return Object.fromEntries(found) as T;
  };
  const filters = reactive(read()) as T;

  watch(filters, () => {
    const query = Object.fromEntries(Object.entries(filters).filter(([name, value]) => value !== initial[name]));
    void router.replace({ query });
  });
  watch(
    () => route.query,
    () => {
      if (route.path === path) Object.assign(filters, read());
    },
  );
  return filters;
}
