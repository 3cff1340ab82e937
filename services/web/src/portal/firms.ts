import { api, useResource, type Resource } from "@/api";
import { reach, tenant } from "@/session/session";

export interface Firm {
  id: string;
  name: string;
}

/**
 * The firms in whose name the person may file here: those that a grant of letter E is bound to. A firm
 * whose record cannot be read is still offered, under the words of `unnamed`.
 */
export function useFirms(permission: string, unnamed: () => string): Resource<Firm[]> {
  return useResource(async () => {
    const ids = reach(permission, "E");
    return Promise.all(
      ids.map(async (id) => {
        try {
          const firm = await api.get<{ name: string; short_name?: string }>("/v1/tenants/{tenant}/enterprises/{id}", {
            path: { tenant: tenant.value, id },
          });
          return { id, name: firm.name };
        } catch {
          return { id, name: unnamed() };
        }
      }),
    );
  });
}
