import { createRouter, createWebHistory } from "vue-router";

import { guard } from "@/session/guard";

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes: [
    { path: "/sign-in", component: () => import("./SignIn.vue"), meta: { open: true } },
    { path: "/", component: () => import("./Home.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

guard(router, "楼宇");
