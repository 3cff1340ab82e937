import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";

import { api, asProblem, useLive, type Problem } from "@/api";
import type { CompareTenantsResponse, Overview, Trend } from "@/api/contracts";
import { session, tenant } from "@/session/session";

import type { Code } from "../words";
import type { PeriodState } from "./periods";

/** Everything on the page, read together so that its figures agree. */
export interface Snapshot {
  overview: Overview;
  trend: Trend;
  compare: CompareTenantsResponse;
}

export interface OverviewData {
  snapshot: Ref<Snapshot | undefined>;
  problem: Ref<Problem | undefined>;
  loading: Ref<boolean>;
  /** True while an older snapshot is shown because the server cannot be reached. */
  stale: ComputedRef<boolean>;
  reload: () => Promise<void>;
}

const REREAD_MS = 60_000;
const key = (scope: string, period: string): string => `louyu.overview.${session.me?.account.id ?? ""}.${scope}.${period}`;

function kept(name: string): Snapshot | undefined {
  const text = localStorage.getItem(name);
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Snapshot;
  } catch {
    localStorage.removeItem(name);
    return undefined;
  }
}

/**
 * The figures of the present tenant. They follow the live channel, and are read again every minute in case
 * an event was lost; without a link the last snapshot stays on screen and says of when it is.
 */
export function useOverviewData(period: PeriodState, compareBy: Ref<Code>): OverviewData {
  const snapshot = ref<Snapshot>();
  const problem = ref<Problem>();
  const loading = ref(true);
  let turn = 0;

  async function reload(): Promise<void> {
    const mine = ++turn;
    const scope = tenant.value;
    if (!scope) return;
    const name = key(scope, period.choice.value);
    if (!snapshot.value && period.at.value === "") snapshot.value = kept(name);
    loading.value = snapshot.value === undefined;
    const path = { tenant: scope };
    const query = period.query.value;
    try {
      const [overview, trend, compare] = await Promise.all([
        api.get<Overview>("/v1/tenants/{tenant}/overview", { path, query }),
        api.get<Trend>("/v1/tenants/{tenant}/overview:trend", { path, query }),
        api.get<CompareTenantsResponse>("/v1/tenants/{tenant}/overview:compare", {
          path,
          query: { ...query, code: compareBy.value },
        }),
      ]);
      if (mine !== turn) return;
      snapshot.value = { overview, trend, compare };
      problem.value = undefined;
      if (period.at.value === "") localStorage.setItem(name, JSON.stringify(snapshot.value));
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
    if (mine === turn) loading.value = false;
  }

  watch([tenant, period.query], () => {
    snapshot.value = undefined;
    void reload();
  });
  watch(compareBy, () => void reload());
  useLive(["overview"], () => void reload());
  const timer = setInterval(() => void reload(), REREAD_MS);
  onScopeDispose(() => {
    clearInterval(timer);
    turn = -1;
  });
  void reload();

  return { snapshot, problem, loading, stale: computed(() => problem.value !== undefined && snapshot.value !== undefined), reload };
}
