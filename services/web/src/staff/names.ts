import { reactive } from "vue";

import { api } from "@/api";
import type { LookupAccountsResponse } from "@/api/contracts";
import { session } from "@/session/session";

import { say } from "./words";

/** Display names of accounts, asked for in batches and remembered for the tenant. */
const known = reactive(new Map<string, string>());
const asked = new Set<string>();
let waiting = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

async function flush(): Promise<void> {
  timer = undefined;
  const ids = [...waiting].slice(0, 100);
  waiting = new Set([...waiting].slice(100));
  if (ids.length === 0) return;
  const tenant = session.tenant;
  try {
    const reply = await api.post<LookupAccountsResponse>("/v1/tenants/{tenant}/accounts:lookup", {
      path: { tenant },
      body: { ids },
    });
    for (const one of reply.accounts ?? []) known.set(`${tenant}/${one.id}`, one.display_name ?? "");
  } catch {
    // A name is a courtesy: without it the row shows the short identifier. It is asked for again later.
    for (const id of ids) asked.delete(`${tenant}/${id}`);
  }
  if (waiting.size > 0) timer = setTimeout(() => void flush(), 30);
}

export function accountName(id: string | undefined): string {
  if (!id) return say("nobody");
  if (id.startsWith("system:")) return say("system");
  if (id === session.me?.account.id) return `${session.me.account.name}（${say("you")}）`;
  const key = `${session.tenant}/${id}`;
  const name = known.get(key);
  if (name) return name;
  if (/^[0-9a-f-]{36}$/.test(id) && !asked.has(key)) {
    asked.add(key);
    waiting.add(id);
    timer ??= setTimeout(() => void flush(), 30);
  }
  return `…${id.slice(-4)}`;
}
