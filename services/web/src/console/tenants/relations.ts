import { computed, type ComputedRef } from "vue";

import { api, useResource } from "@/api";
import type { ListTenantsResponse, Tenant } from "@/api/contracts";
import { session } from "@/session/session";
import type { Option } from "@/staff/forms";
import { nameOf } from "@/words/terms.words";

/** The organisations that others can lie in or be under. */
export function useRelations(): {
  regions: ComputedRef<Option[]>;
  superiors: ComputedRef<Option[]>;
  name: (id: string | undefined) => string;
} {
  const all = useResource<Tenant[]>(async () => {
    const reply = await api.get<ListTenantsResponse>("/v1/tenants/{tenant}/tenants", {
      path: { tenant: session.tenant },
      query: { page_size: 100 },
    });
    return reply.tenants ?? [];
  });
  const of = (kinds: readonly string[]): Option[] =>
    (all.data.value ?? [])
      .filter((one) => kinds.includes(one.kind ?? ""))
      .map((one) => ({ value: one.id, label: nameOf(one) }));
  return {
    regions: computed(() => of(["SUBDISTRICT"])),
    superiors: computed(() => of(["SUPERIOR", "DISTRICT"])),
    name: (id) => nameOf(all.data.value?.find((one) => one.id === id)),
  };
}
