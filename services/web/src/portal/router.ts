import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

import { guard } from "@/session/guard";

import { say } from "./words";

declare module "vue-router" {
  interface RouteMeta {
    /** The tab that a page stands below. */
    tab?: "home" | "services" | "activities" | "messages" | "me";
    /** A page with a verb of its own at the bottom: the tabs give way. */
    deep?: boolean;
  }
}

const FILE = ["requests.file"];
const READ = ["requests.read"];
const OPINIONS = ["opinions.read"];

const routes: RouteRecordRaw[] = [
  { path: "/", component: () => import("./home/Home.vue"), meta: { tab: "home", title: () => say("home") } },
  {
    path: "/services",
    component: () => import("./find/Services.vue"),
    meta: { tab: "services", title: () => say("services") },
  },
  {
    path: "/services/:id",
    component: () => import("./order/Item.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["catalogue.read"] },
  },
  {
    path: "/services/:id/order",
    component: () => import("./order/Order.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: FILE },
  },
  {
    path: "/requests",
    component: () => import("./requests/Requests.vue"),
    meta: { tab: "services", needs: READ, title: () => say("requests") },
  },
  {
    path: "/requests/:id",
    component: () => import("./requests/Request.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: READ, title: () => say("requests") },
  },
  {
    path: "/requests/:id/filed",
    component: () => import("./order/Filed.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: READ },
  },
  {
    path: "/opinions",
    component: () => import("./opinions/Opinions.vue"),
    meta: { tab: "services", needs: OPINIONS, title: () => say("opinions") },
  },
  {
    path: "/opinions/write",
    component: () => import("./opinions/Write.vue"),
    meta: { tab: "services", deep: true, needs: ["opinions.raise"], title: () => say("opinions") },
  },
  {
    path: "/opinions/surveys/:id",
    component: () => import("./opinions/Survey.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: OPINIONS, title: () => say("opinions") },
  },
  {
    path: "/opinions/:id",
    component: () => import("./opinions/Opinion.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: OPINIONS, title: () => say("opinions") },
  },
  {
    path: "/matters/:id",
    component: () => import("./cases/Matter.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["matters.read"] },
  },
  {
    path: "/matters/:id/apply",
    component: () => import("./cases/Apply.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["cases.file"] },
  },
  {
    path: "/cases",
    component: () => import("./cases/Cases.vue"),
    meta: { tab: "services", needs: ["cases.read"], title: () => say("cases") },
  },
  {
    path: "/cases/:id",
    component: () => import("./cases/Case.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["cases.read"], title: () => say("cases") },
  },
  {
    path: "/activities",
    component: () => import("./activities/Activities.vue"),
    meta: { tab: "activities", title: () => say("activities") },
  },
  {
    path: "/activities/:id",
    component: () => import("./activities/Activity.vue"),
    props: true,
    meta: { tab: "activities", deep: true, needs: ["calendar.read"], title: () => say("activities") },
  },
  {
    path: "/activities/:id/check-in",
    component: () => import("./activities/CheckIn.vue"),
    props: true,
    meta: { tab: "activities", deep: true, needs: ["calendar.enrol", "calendar.checkin"] },
  },
  {
    path: "/hazards",
    component: () => import("./hazards/Hazards.vue"),
    meta: { tab: "services", needs: ["hazards.read"], title: () => say("hazards") },
  },
  {
    path: "/hazards/report",
    component: () => import("./hazards/Report.vue"),
    meta: { tab: "services", deep: true, needs: ["hazards.report"] },
  },
  {
    path: "/hazards/:id",
    component: () => import("./hazards/Hazard.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["hazards.read"], title: () => say("hazards") },
  },
  {
    path: "/inspections",
    component: () => import("./inspections/Inspections.vue"),
    meta: { tab: "services", needs: ["inspections.conduct"], title: () => say("inspections") },
  },
  {
    path: "/inspections/:site",
    component: () => import("./inspections/Inspect.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["inspections.conduct"], title: () => say("inspections") },
  },
  {
    path: "/visits",
    component: () => import("./visits/Visits.vue"),
    meta: { tab: "services", needs: ["visits.record"], title: () => say("visits") },
  },
  {
    path: "/visits/:kind(enterprise|site)/:id",
    component: () => import("./visits/Visit.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["visits.record"], title: () => say("visits") },
  },
  {
    path: "/listings",
    component: () => import("./listings/Listings.vue"),
    meta: { tab: "services", needs: ["listings.read"], title: () => say("listings") },
  },
  {
    path: "/listings/add",
    component: () => import("./listings/Add.vue"),
    meta: { tab: "services", deep: true, needs: ["listings.offer"], title: () => say("listings") },
  },
  {
    path: "/listings/:id",
    component: () => import("./listings/Listing.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["listings.read"], title: () => say("listings") },
  },
  {
    path: "/finds",
    component: () => import("./finds/Finds.vue"),
    meta: { tab: "services", deep: true, needs: ["finds.read"], title: () => say("finds") },
  },
  {
    path: "/finds/:id",
    component: () => import("./finds/Find.vue"),
    props: true,
    meta: { tab: "services", deep: true, needs: ["finds.read"], title: () => say("finds") },
  },
  {
    path: "/messages",
    component: () => import("./messages/Messages.vue"),
    meta: { tab: "messages", title: () => say("messages") },
  },
  { path: "/me", component: () => import("./me/Me.vue"), meta: { tab: "me", title: () => say("me") } },
  {
    path: "/me/sessions",
    component: () => import("./me/Sessions.vue"),
    meta: { tab: "me", title: () => say("me") },
  },
  {
    path: "/me/data",
    component: () => import("./me/Data.vue"),
    meta: { tab: "me", title: () => say("me") },
  },
  {
    path: "/organisations",
    component: () => import("./organisations/Organisations.vue"),
    meta: { tab: "me", needs: ["members.use"], title: () => say("organisations") },
  },
  {
    path: "/organisations/declare",
    component: () => import("./organisations/Declare.vue"),
    meta: { tab: "me", deep: true, needs: ["members.use"], title: () => say("organisations") },
  },
  {
    path: "/organisations/transfer",
    component: () => import("./organisations/Declare.vue"),
    props: { transfer: true },
    meta: { tab: "me", deep: true, needs: ["members.use"], title: () => say("organisations") },
  },
  {
    path: "/home-members",
    component: () => import("./organisations/HomeMembers.vue"),
    meta: { tab: "me", needs: ["affiliations.acknowledge"], title: () => say("homeMembers") },
  },
  {
    path: "/points",
    component: () => import("./points/Points.vue"),
    meta: { tab: "me", needs: ["points.use"], title: () => say("points") },
  },
  {
    path: "/points/board",
    component: () => import("./points/Board.vue"),
    meta: { tab: "me", needs: ["points.use"], title: () => say("board") },
  },
  {
    path: "/points/sharing",
    component: () => import("./points/Sharing.vue"),
    meta: { tab: "me", needs: ["points.use"], title: () => say("sharing") },
  },
  {
    path: "/points/propose",
    component: () => import("./points/Propose.vue"),
    meta: { tab: "me", needs: ["points.propose"], title: () => say("propose") },
  },
  {
    path: "/bands",
    component: () => import("./bands/Bands.vue"),
    meta: { tab: "me", needs: ["points.export"], title: () => say("bands") },
  },
  {
    path: "/commitments",
    component: () => import("./commitments/Commitments.vue"),
    meta: { tab: "me", needs: ["commitments.make"], title: () => say("commitments") },
  },
  {
    path: "/rewards",
    component: () => import("./rewards/Rewards.vue"),
    meta: { tab: "me", needs: ["rewards.use"], title: () => say("rewards") },
  },
  {
    path: "/zones",
    component: () => import("./zones/Zones.vue"),
    meta: { tab: "me", needs: ["zones.declare", "teams.act"], title: () => say("zones") },
  },
  {
    path: "/contacts",
    component: () => import("./contacts/Contacts.vue"),
    meta: { tab: "me", needs: ["contacts.log", "contacts.mine"], title: () => say("contacts") },
  },
  {
    path: "/obligations",
    component: () => import("./cadence/Obligations.vue"),
    meta: { tab: "me", needs: ["cadence.read"], title: () => say("obligations") },
  },
  {
    path: "/development",
    component: () => import("./development/Development.vue"),
    meta: { tab: "me", needs: ["members.use"], title: () => say("development") },
  },
  {
    path: "/appraisal",
    component: () => import("./appraisal/Appraisal.vue"),
    meta: { tab: "me", needs: ["appraisal.use"], title: () => say("appraisal") },
  },
  {
    path: "/reports",
    component: () => import("./reports/Reports.vue"),
    meta: { tab: "me", needs: ["reports.write"], title: () => say("reports") },
  },
  {
    path: "/reports/:id",
    component: () => import("./reports/Report.vue"),
    props: true,
    meta: { tab: "me", deep: true, needs: ["reports.write"], title: () => say("reports") },
  },
  {
    path: "/community",
    component: () => import("./community/Community.vue"),
    meta: { tab: "me", needs: ["members.use"], title: () => say("community") },
  },
  {
    path: "/dispatch",
    component: () => import("./dispatch/Dispatch.vue"),
    meta: { tab: "me", needs: ["members.use"], title: () => say("dispatch") },
  },
  {
    path: "/guests",
    component: () => import("./guests/Guests.vue"),
    meta: { tab: "me", needs: ["members.use"], title: () => say("guests") },
  },
  {
    path: "/honours",
    component: () => import("./honours/Honours.vue"),
    meta: { tab: "me", needs: ["honours.use"], title: () => say("honours") },
  },
  {
    path: "/honour-plaques/:tenant/:code",
    component: () => import("./honours/Plaque.vue"),
    props: true,
    meta: { open: true, deep: true, title: () => say("honourPlaque") },
  },
  {
    path: "/plaques/:tenant/:code",
    component: () => import("./zones/Plaque.vue"),
    props: true,
    meta: { open: true, deep: true, title: () => say("plaque") },
  },
  { path: "/sign-in", component: () => import("./SignIn.vue"), meta: { open: true } },
  { path: "/invitation", component: () => import("@/session/InvitationPage.vue"), meta: { open: true } },
  { path: "/no-permission", name: "no-permission", component: () => import("./NoPermission.vue"), meta: { tab: "home" } },
  { path: "/:rest(.*)*", component: () => import("./NotFound.vue"), meta: { tab: "home" } },
];

export const router = createRouter({
  history: createWebHistory("/"),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? {} : { top: 0 }),
});

guard(router, "楼宇");
