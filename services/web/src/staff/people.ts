import { reactive } from "vue";

import { api } from "@/api";
import type { Person } from "@/api/contracts";
import { can, session } from "@/session/session";

/** Names of people, for those who keep the roster; each is asked for once and remembered for the tenant. */
const known = reactive(new Map<string, string>());
const asked = new Set<string>();

async function ask(tenant: string, id: string): Promise<void> {
  try {
    const person = await api.get<Person>("/v1/tenants/{tenant}/people/{id}", { path: { tenant, id } });
    known.set(`${tenant}/${id}`, person.name ?? "");
  } catch {
    // A name is a courtesy: without it the row shows its first letter. It is asked for again later.
    asked.delete(`${tenant}/${id}`);
  }
}

/** A person's name for whoever may read the roster of a tenant, else the first letter of it. */
export function personName(id: string | undefined, display: string | undefined, tenant: string = session.tenant): string {
  if (!id || !can("people.read")) return display ?? "";
  const key = `${tenant}/${id}`;
  if (!asked.has(key)) {
    asked.add(key);
    void ask(tenant, id);
  }
  return known.get(key) ?? display ?? "";
}
