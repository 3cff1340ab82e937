import { watch } from "vue";
import type { Router } from "vue-router";

import { canAny, chooseTenant, resume, session } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    /** Anyone may open it, signed in or not. */
    open?: boolean;
    /** Any one of these permissions opens it. */
    needs?: readonly string[];
    /** The title of the page, read each time so that it follows the language. */
    title?: () => string;
  }
}

/** Sign-in first; a page the role may not use says so instead of failing call by call. */
export function guard(router: Router, home: string, prepare: () => void = () => undefined): void {
  router.beforeEach(async (to) => {
    await resume();
    // A code on a wall belongs to one organisation: its link says which.
    const at = to.query["at"];
    if (typeof at === "string" && session.me?.tenants.some((one) => one.id === at)) chooseTenant(at);
    if (session.status === "in") prepare();
    if (to.meta.open) return true;
    if (session.status !== "in" && session.status !== "expired") {
      return { path: "/sign-in", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
    }
    if (to.meta.needs && !canAny(...to.meta.needs) && to.name !== "no-permission") {
      return { name: "no-permission", query: { from: to.fullPath } };
    }
    return true;
  });
  router.afterEach((to) => {
    const page = to.meta.title?.();
    document.title = page ? `${page} · ${home}` : home;
  });
  watch(
    () => session.status,
    (status, before) => {
      if (status === "out" && before !== "unknown" && !router.currentRoute.value.meta.open) {
        void router.replace("/sign-in");
      }
    },
  );
}
