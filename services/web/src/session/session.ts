import { computed, reactive, readonly } from "vue";

import type { HeldPermission, Me as WireMe, TenantKind } from "@/api/contracts";
import { dropDrafts } from "@/api/drafts";
import { send } from "@/api/http";
import { followTenant } from "@/api/live";
import { Problem } from "@/api/problem";
import { accessToken, dropToken, keepToken, renew, whenForbidden, whenSessionEnds } from "@/api/token";
import { locale } from "@/words";

/** A tenant in whose name the person may act, and what they may do there. */
export interface Membership {
  id: string;
  kind: TenantKind | undefined;
  state: string;
  nameZh: string;
  nameEn: string;
  roles: readonly string[];
  permissions: readonly HeldPermission[];
}

export interface Me {
  account: { id: string; name: string; login: string; staff: boolean };
  tenants: readonly Membership[];
}

interface SignInReply {
  access_token: string;
  expires_in: number;
}

type Status = "unknown" | "away" | "out" | "in" | "expired";

interface State {
  status: Status;
  me: Me | undefined;
  tenant: string;
}

const TENANT_KEY = "louyu.tenant";
const state = reactive<State>({ status: "unknown", me: undefined, tenant: "" });

/** Who is here. "away": the server did not answer yet. "expired" keeps the page and what was typed, and asks for the password over it. */
export const session = readonly(state);

export const tenant = computed(() => state.tenant);
export const membership = computed(() => state.me?.tenants.find((one) => one.id === state.tenant));
export const account = computed(() => state.me?.account);

export function can(permission: string): boolean {
  return membership.value?.permissions.some((one) => one.permission === permission) ?? false;
}

/** What a permission is bound to here: the enterprises of letter E, the floors of letter F. */
export function reach(permission: string, letter: string): string[] {
  const held = membership.value?.permissions ?? [];
  return held
    .filter((one) => one.permission === permission && one.letter === letter)
    .map((one) => one.scope_id ?? "")
    .filter(Boolean);
}

export function tenantName(one: Membership | undefined): string {
  if (!one) return "";
  return locale.value === "zh" || !one.nameEn ? one.nameZh : one.nameEn;
}

export function canAny(...permissions: string[]): boolean {
  return permissions.length === 0 || permissions.some(can);
}

export function chooseTenant(id: string): void {
  state.tenant = id;
  if (id) localStorage.setItem(TENANT_KEY, id);
}

function fallBackTenant(me: Me): string {
  const stored = localStorage.getItem(TENANT_KEY) ?? "";
  if (me.tenants.some((one) => one.id === stored)) return stored;
  return me.tenants[0]?.id ?? "";
}

function fromWire(wire: WireMe): Me {
  const account = wire.account;
  return {
    account: {
      id: account?.id ?? "",
      name: account?.display_name ?? "",
      login: account?.login ?? "",
      staff: account?.staff ?? false,
    },
    tenants: (wire.memberships ?? []).map((one) => ({
      id: one.tenant ?? "",
      kind: one.kind,
      state: one.state ?? "",
      nameZh: one.name_zh ?? "",
      nameEn: one.name_en ?? "",
      roles: one.roles ?? [],
      permissions: one.permissions ?? [],
    })),
  };
}

async function loadMe(): Promise<void> {
  const me = fromWire(await send<WireMe>("GET", "/v1/me"));
  state.me = me;
  if (!me.tenants.some((one) => one.id === state.tenant)) state.tenant = fallBackTenant(me);
  state.status = "in";
}

/** Called before a page: a live refresh cookie means nobody has to sign in again. */
export async function resume(): Promise<void> {
  if (state.status !== "unknown" && state.status !== "away") return;
  const renewal = await renew();
  if (renewal !== "renewed") {
    state.status = renewal === "away" ? "away" : "out";
    return;
  }
  try {
    await loadMe();
  } catch (error) {
    state.status = error instanceof Problem && error.status === 401 ? "out" : "away";
  }
}

/** Throws a Problem; reason TOTP_REQUIRED asks for the second step. */
export async function signIn(login: string, password: string, totp?: string): Promise<void> {
  const before = state.me?.account.id;
  const reply = await send<SignInReply>("POST", "/v1/session:sign-in", {
    anonymous: true,
    body: { login, password, ...(totp ? { totp } : {}) },
  });
  keepToken(reply);
  await loadMe();
  if (before && before !== state.me?.account.id) dropDrafts();
}

export async function signOut(): Promise<void> {
  try {
    await send("POST", "/v1/session:sign-out", { body: {} });
  } finally {
    followTenant("");
    dropToken();
    dropDrafts();
    state.me = undefined;
    state.status = "out";
  }
}

/** Reads permissions again, after a grant changed. */
export async function reloadMe(): Promise<void> {
  if (accessToken()) await loadMe();
}

whenSessionEnds(() => {
  if (state.status === "in") state.status = "expired";
});

const ROLES_AGAIN_MS = 5_000;
let readAt = 0;

// A role that was taken away closes its pages in the navigation too, without a reload.
whenForbidden(() => {
  if (state.status !== "in" || Date.now() - readAt < ROLES_AGAIN_MS) return;
  readAt = Date.now();
  void loadMe().catch(() => undefined);
});
