import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type WatchSource } from "vue";

import { asProblem, type Problem } from "./problem";

export interface Page<T> {
  items: T[];
  next: string;
}

/** The one repeated field of a List reply, whatever its name, and the token of the next page. */
export function asPage<T>(reply: object): Page<T> {
  let items: T[] = [];
  let next = "";
  for (const [name, value] of Object.entries(reply)) {
    if (name === "next_page_token") next = typeof value === "string" ? value : "";
    else if (Array.isArray(value)) items = value as T[];
  }
  return { items, next };
}

export interface Pages<T> {
  items: Ref<readonly T[]>;
  /** True only while there is nothing to show yet: a refresh never blanks the list. */
  loading: Ref<boolean>;
  loadingMore: Ref<boolean>;
  problem: Ref<Problem | undefined>;
  more: ComputedRef<boolean>;
  empty: ComputedRef<boolean>;
  reload: () => Promise<void>;
  /** Reads again as many rows as are shown, without moving the list. */
  refresh: () => Promise<void>;
  next: () => Promise<void>;
}

/**
 * A keyset-paged list. `sources` are its filters: a change starts it again from the first page, and an
 * answer that comes after its question was dropped is ignored.
 */
export function usePages<T>(load: (token: string) => Promise<object>, sources: WatchSource[] = []): Pages<T> {
  const items = shallowRef<readonly T[]>([]);
  const token = ref("");
  const loading = ref(true);
  const loadingMore = ref(false);
  const problem = ref<Problem>();
  let turn = 0;
  onScopeDispose(() => (turn = -1));

  async function read(from: string, keep: readonly T[], mine: number): Promise<boolean> {
    try {
      const page = asPage<T>(await load(from));
      if (mine !== turn) return false;
      items.value = [...keep, ...page.items];
      token.value = page.next;
      problem.value = undefined;
      return true;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
      return false;
    }
  }

  async function reload(): Promise<void> {
    const mine = ++turn;
    loading.value = true;
    await read("", [], mine);
    if (mine === turn) loading.value = false;
  }

  async function refresh(): Promise<void> {
    if (loading.value || loadingMore.value) return;
    const mine = ++turn;
    const wanted = items.value.length;
    let fresh: T[] = [];
    let from = "";
    try {
      do {
        const page = asPage<T>(await load(from));
        fresh = [...fresh, ...page.items];
        from = page.next;
      } while (from && fresh.length < wanted && mine === turn);
    } catch (error) {
      // The rows on screen stay; the live mark says that they may be old.
      if (mine === turn && items.value.length === 0) problem.value = asProblem(error);
      return;
    }
    if (mine !== turn) return;
    items.value = fresh;
    token.value = from;
    problem.value = undefined;
  }

  async function next(): Promise<void> {
    if (!token.value || loadingMore.value) return;
    const mine = turn;
    loadingMore.value = true;
    await read(token.value, items.value, mine);
    loadingMore.value = false;
  }

  if (sources.length > 0) watch(sources, () => void reload());
  void reload();

  return {
    items,
    loading,
    loadingMore,
    problem,
    more: computed(() => token.value !== ""),
    empty: computed(() => !loading.value && !problem.value && items.value.length === 0),
    reload,
    refresh,
    next,
  };
}

export interface Resource<T> {
  data: Ref<T | undefined>;
  loading: Ref<boolean>;
  problem: Ref<Problem | undefined>;
  reload: () => Promise<void>;
  set: (value: T) => void;
}

/** One thing read from the server; reading it again keeps what is shown until the answer is there. */
export function useResource<T>(load: () => Promise<T>, sources: WatchSource[] = []): Resource<T> {
  const data = shallowRef<T>();
  const loading = ref(true);
  const problem = ref<Problem>();
  let turn = 0;
  onScopeDispose(() => (turn = -1));

  async function reload(): Promise<void> {
    const mine = ++turn;
    loading.value = data.value === undefined;
    try {
      const value = await load();
      if (mine !== turn) return;
      data.value = value;
      problem.value = undefined;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
    if (mine === turn) loading.value = false;
  }

  if (sources.length > 0) {
    watch(sources, () => {
      data.value = undefined;
      void reload();
    });
  }
  void reload();
  return { data, loading, problem, reload, set: (value) => (data.value = value) };
}
