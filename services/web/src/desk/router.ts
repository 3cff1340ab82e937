import { createRouter, createWebHistory } from "vue-router";

import { guard } from "@/session/guard";
import { can, chooseTenant, session } from "@/session/session";

import Shell from "./Shell.vue";
import { say } from "./words";

export const router = createRouter({
  history: createWebHistory("/desk/"),
  routes: [
    { path: "/sign-in", component: () => import("./SignIn.vue"), meta: { open: true } },
    {
      path: "/",
      component: Shell,
      children: [
        {
          path: "",
          component: () => import("./cases/CasesPage.vue"),
          meta: { title: () => say("cases"), needs: ["cases.handle"] },
        },
        {
          path: "counters",
          component: () => import("@/console/counters/CountersPage.vue"),
          meta: { title: () => say("counters"), needs: ["counters.manage"] },
        },
        { path: "no-permission", name: "no-permission", component: () => import("@/staff/NoPermission.vue") },
      ],
    },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

/** A clerk who also acts elsewhere means the department here. */
function preferDepartment(): void {
  if (can("cases.handle")) return;
  const department = session.me?.tenants.find(
    (one) => one.kind === "DEPARTMENT" && one.permissions.some((held) => held.permission === "cases.handle"),
  );
  if (department) chooseTenant(department.id);
}

guard(router, "楼宇政务窗口", preferDepartment);
