import { computed, type ComputedRef } from "vue";

import { api, useResource } from "@/api";
import type { ListRolesResponse, Role } from "@/api/contracts";
import { membership, session } from "@/session/session";
import { nameOf } from "@/words/terms.words";

/** The roles of the matrix: all of them by name, and those that can be granted in this tenant. */
export function useRoles(): {
  grantable: ComputedRef<Role[]>;
  find: (code: string | undefined) => Role | undefined;
  word: (code: string | undefined) => string;
} {
  const roles = useResource<ListRolesResponse>(() =>
    api.get("/v1/tenants/{tenant}/grants:roles", { path: { tenant: session.tenant } }),
  );
  const find = (code: string | undefined): Role | undefined =>
    roles.data.value?.roles?.find((one) => one.code === code);
  return {
    grantable: computed(() =>
      (roles.data.value?.roles ?? []).filter((one) => one.kinds?.includes(membership.value?.kind ?? "")),
    ),
    find,
    word: (code) => nameOf(find(code)) || (code ?? ""),
  };
}
