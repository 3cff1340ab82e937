import { createRouter, createWebHistory } from "vue-router";

import { guard } from "@/session/guard";

import { say } from "./words";

export const router = createRouter({
  history: createWebHistory("/screen/"),
  routes: [
    { path: "/sign-in", component: () => import("./SignIn.vue"), meta: { open: true } },
    {
      path: "/",
      component: () => import("./overview/Overview.vue"),
      meta: { needs: ["overview.read"], title: () => say("face") },
    },
    { path: "/no-permission", name: "no-permission", component: () => import("./NoPermission.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

guard(router, "楼宇");
