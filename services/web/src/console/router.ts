import { createRouter, createWebHistory } from "vue-router";

import { guard } from "@/session/guard";

import { PAGES } from "./pages";
import Shell from "./Shell.vue";
import { say } from "./words";

export const router = createRouter({
  history: createWebHistory("/console/"),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: "/sign-in", component: () => import("./SignIn.vue"), meta: { open: true } },
    { path: "/invitation", component: () => import("@/session/InvitationPage.vue"), meta: { open: true } },
    {
      path: "/",
      component: Shell,
      children: [
        ...PAGES.map((one) => ({
          path: one.path,
          component: one.page,
          meta: { title: () => say(one.title), ...(one.needs ? { needs: one.needs } : {}) },
        })),
        { path: "/no-permission", name: "no-permission", component: () => import("@/staff/NoPermission.vue") },
      ],
    },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

guard(router, "楼宇工作台");
