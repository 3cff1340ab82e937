import type { Component } from "vue";

import { ICON } from "./icons";
import { say } from "./words";

type Key = Parameters<typeof say>[0];

export interface ConsolePage {
  /** The capability's noun: address, permission and folder share it. */
  path: string;
  title: Key;
  /** In the navigation under this heading; detail pages have none. */
  group?: Key;
  icon?: string;
  /** Any of these opens the page; none: everyone who signed in. */
  needs?: readonly string[];
  /** Whoever holds this looks at the organisations below, and finds the page in none of its own. */
  unless?: string;
  page: () => Promise<{ default: Component }>;
}

/** Every page of the console: the navigation, the router and the permission check read this one list. */
export const PAGES: readonly ConsolePage[] = [
  { path: "/", title: "home", group: "home", icon: ICON.home, page: () => import("./home/HomePage.vue") },
  { path: "/messages", title: "messages", group: "home", icon: ICON.messages, page: () => import("./inbox/MessagesPage.vue") },
  { path: "/requests", title: "requests", group: "service", icon: ICON.requests, needs: ["requests.read"], page: () => import("./requests/RequestsPage.vue") },
  { path: "/requests/:id", title: "requests", needs: ["requests.read"], page: () => import("./requests/TicketPage.vue") },
  { path: "/escalations", title: "escalations", group: "service", icon: ICON.escalations, needs: ["sla.escalated"], page: () => import("./sla/EscalationsPage.vue") },
  { path: "/escalations/:id", title: "escalations", needs: ["sla.escalated"], page: () => import("./sla/EscalationPage.vue") },
  { path: "/visits", title: "visits", group: "service", icon: ICON.visits, needs: ["visits.read"], page: () => import("./visits/VisitsPage.vue") },
  { path: "/visits/:id", title: "visits", needs: ["visits.read"], page: () => import("./visits/PlanPage.vue") },
  { path: "/opinions", title: "opinions", group: "service", icon: ICON.opinions, needs: ["opinions.handle"], page: () => import("./opinions/OpinionsPage.vue") },
  { path: "/opinions/:id", title: "opinions", needs: ["opinions.handle"], page: () => import("./opinions/SuggestionPage.vue") },
  { path: "/catalogue", title: "catalogue", group: "service", icon: ICON.catalogue, needs: ["catalogue.manage", "catalogue.read"], page: () => import("./catalogue/CataloguePage.vue") },
  { path: "/sla", title: "sla", group: "service", icon: ICON.clock, needs: ["sla.read"], page: () => import("./sla/SlaPage.vue") },
  { path: "/calendar", title: "calendar", group: "station", icon: ICON.calendar, needs: ["calendar.read"], page: () => import("./calendar/CalendarPage.vue") },
  { path: "/calendar/:id", title: "calendar", needs: ["calendar.read"], page: () => import("./calendar/ActivityPage.vue") },
  { path: "/listings", title: "listings", group: "station", icon: ICON.listings, needs: ["listings.offer"], page: () => import("./listings/ListingsPage.vue") },
  { path: "/listings/:id", title: "listings", needs: ["listings.offer"], page: () => import("./listings/ListingPage.vue") },
  { path: "/finds", title: "finds", group: "station", icon: ICON.finds, needs: ["finds.keep"], page: () => import("./finds/FindsPage.vue") },
  { path: "/finds/:id", title: "finds", needs: ["finds.keep"], page: () => import("./finds/FindPage.vue") },
  { path: "/conveniences", title: "conveniences", group: "station", icon: ICON.conveniences, needs: ["conveniences.record"], page: () => import("./conveniences/ConveniencesPage.vue") },
  { path: "/stalls", title: "stalls", group: "station", icon: ICON.stalls, needs: ["stalls.read"], page: () => import("./stalls/StallsPage.vue") },
  { path: "/stalls/:id", title: "stalls", needs: ["stalls.read"], page: () => import("./stalls/StallPage.vue") },
  { path: "/points", title: "points", group: "station", icon: ICON.points, needs: ["points.read"], page: () => import("./points/PointsPage.vue") },
  { path: "/points/:id", title: "points", needs: ["points.read"], page: () => import("./points/AccountPage.vue") },
  { path: "/rewards", title: "rewards", group: "station", icon: ICON.rewards, needs: ["rewards.manage"], page: () => import("./rewards/RewardsPage.vue") },
  { path: "/hazards", title: "hazards", group: "safety", icon: ICON.hazards, needs: ["hazards.read"], unless: "hazards.oversee", page: () => import("./hazards/HazardsPage.vue") },
  { path: "/hazards/:id", title: "hazards", needs: ["hazards.read"], page: () => import("./hazards/HazardPage.vue") },
  { path: "/hazard-escalations", title: "hazardEscalations", group: "safety", icon: ICON.hazardEscalations, needs: ["hazards.oversee"], page: () => import("./hazards/EscalationsPage.vue") },
  { path: "/hazard-escalations/:id", title: "hazardEscalations", needs: ["hazards.oversee"], page: () => import("./hazards/EscalationsPage.vue") },
  { path: "/inspections", title: "inspections", group: "safety", icon: ICON.inspections, needs: ["inspections.read"], unless: "hazards.oversee", page: () => import("./inspections/InspectionsPage.vue") },
  { path: "/inspections/:id", title: "inspections", needs: ["inspections.read"], page: () => import("./inspections/InspectionPage.vue") },
  { path: "/safety", title: "figures", group: "safety", icon: ICON.safety, needs: ["safety.read"], unless: "hazards.oversee", page: () => import("./safety/SafetyPage.vue") },
  { path: "/enterprises", title: "enterprises", group: "building", icon: ICON.enterprises, needs: ["enterprises.read"], page: () => import("./enterprises/EnterprisesPage.vue") },
  { path: "/enterprises/:id", title: "enterprises", needs: ["enterprises.read"], page: () => import("./enterprises/EnterprisePage.vue") },
  { path: "/guests", title: "guests", group: "building", icon: ICON.guests, needs: ["guests.read"], page: () => import("./guests/GuestsPage.vue") },
  { path: "/imports", title: "imports", group: "building", icon: ICON.imports, needs: ["enterprises.manage"], page: () => import("./imports/ImportsPage.vue") },
  { path: "/imports/:id", title: "imports", needs: ["enterprises.manage"], page: () => import("./imports/ImportPage.vue") },
  { path: "/orgs", title: "orgs", group: "party", icon: ICON.orgs, needs: ["orgs.manage", "orgs.apply", "orgs.approve", "cadres.read"], page: () => import("./orgs/OrgsPage.vue") },
  { path: "/orgs/:id", title: "orgs", needs: ["orgs.read"], page: () => import("./orgs/OrgPage.vue") },
  { path: "/cadres", title: "cadres", group: "party", icon: ICON.cadres, needs: ["cadres.read"], page: () => import("./cadres/CadresPage.vue") },
  { path: "/network", title: "network", group: "party", icon: ICON.network, needs: ["network.read"], page: () => import("./network/NetworkPage.vue") },
  { path: "/zones", title: "zones", group: "party", icon: ICON.zones, needs: ["zones.read"], page: () => import("./zones/ZonesPage.vue") },
  { path: "/honours", title: "honours", group: "party", icon: ICON.honours, needs: ["honours.read"], page: () => import("./honours/HonoursPage.vue") },
  { path: "/members", title: "members", group: "roster", icon: ICON.members, needs: ["members.read", "transfers.resolve"], page: () => import("./members/MembersPage.vue") },
  { path: "/members/:id", title: "members", needs: ["members.read"], page: () => import("./members/MemberPage.vue") },
  { path: "/development", title: "development", group: "roster", icon: ICON.development, needs: ["development.read", "development.approve"], page: () => import("./development/DevelopmentPage.vue") },
  { path: "/development/:id", title: "development", needs: ["development.read"], page: () => import("./development/ApplicationPage.vue") },
  { path: "/development-below/:id", title: "development", needs: ["development.approve"], page: () => import("./development/ApplicationPage.vue") },
  { path: "/appraisal", title: "appraisal", group: "roster", icon: ICON.appraisal, needs: ["appraisal.read", "appraisal.answer"], page: () => import("./appraisal/AppraisalPage.vue") },
  { path: "/appraisal/:id", title: "appraisal", needs: ["appraisal.read"], page: () => import("./appraisal/MemberPage.vue") },
  { path: "/cadence", title: "cadence", group: "duties", icon: ICON.cadence, needs: ["cadence.attest", "cadence.waive"], page: () => import("./cadence/CadencePage.vue") },
  { path: "/contacts", title: "contacts", group: "duties", icon: ICON.contacts, needs: ["contacts.read"], page: () => import("./contacts/ContactsPage.vue") },
  { path: "/reports", title: "reports", group: "duties", icon: ICON.reports, needs: ["reports.read", "reports.receive"], page: () => import("./reports/ReportsPage.vue") },
  { path: "/reports/:id", title: "reports", needs: ["reports.read", "reports.receive"], page: () => import("./reports/ReportPage.vue") },
  { path: "/dispatch", title: "dispatch", group: "duties", icon: ICON.dispatch, needs: ["dispatch.read"], page: () => import("./dispatch/DispatchPage.vue") },
  {
    path: "/community-checkins",
    title: "communityCheckins",
    group: "duties",
    icon: ICON.communityCheckins,
    needs: ["community_checkins.read", "community_checkins.receive"],
    page: () => import("./community-checkins/CommunityCheckinsPage.vue"),
  },
  { path: "/supervision", title: "supervision", group: "duties", icon: ICON.supervision, needs: ["supervision.read", "supervision.hold"], page: () => import("./supervision/SupervisionPage.vue") },
  { path: "/supervision/:id", title: "supervision", needs: ["supervision.read", "supervision.hold"], page: () => import("./supervision/HeldPage.vue") },
  { path: "/departments", title: "departments", group: "window", icon: ICON.departments, needs: ["departments.manage"], page: () => import("./departments/DepartmentsPage.vue") },
  { path: "/counters", title: "counters", group: "window", icon: ICON.counters, needs: ["counters.manage"], page: () => import("./counters/CountersPage.vue") },
  { path: "/tenants", title: "tenants", group: "organisation", icon: ICON.tenants, needs: ["tenants.read"], page: () => import("./tenants/TenantsPage.vue") },
  { path: "/tenants/:id", title: "tenants", needs: ["tenants.read"], page: () => import("./tenants/TenantPage.vue") },
  { path: "/people", title: "people", group: "organisation", icon: ICON.people, needs: ["people.read"], page: () => import("./people/PeoplePage.vue") },
  { path: "/accounts", title: "accounts", group: "organisation", icon: ICON.accounts, needs: ["accounts.manage", "grants.manage"], page: () => import("./accounts/AccountsPage.vue") },
  { path: "/accounts/:id", title: "accounts", needs: ["accounts.manage"], page: () => import("./accounts/AccountPage.vue") },
  { path: "/desks", title: "desks", group: "organisation", icon: ICON.desks, needs: ["desks.read"], page: () => import("./desks/DesksPage.vue") },
  { path: "/deliveries", title: "deliveries", group: "operations", icon: ICON.deliveries, needs: ["operations.manage"], page: () => import("./inbox/DeliveriesPage.vue") },
  { path: "/dead-letters", title: "deadLetters", group: "operations", icon: ICON.letters, needs: ["operations.manage"], page: () => import("./operations/DeadLettersPage.vue") },
  { path: "/audit", title: "audit", group: "operations", icon: ICON.audit, needs: ["audit.read"], page: () => import("./audit/AuditPage.vue") },
  { path: "/privacy", title: "privacy", group: "operations", icon: ICON.privacy, needs: ["privacy.manage"], page: () => import("./privacy/PrivacyPage.vue") },
  { path: "/clock", title: "clock", group: "operations", icon: ICON.clock, needs: ["operations.manage"], page: () => import("./operations/ClockPage.vue") },
];

export const GROUPS: readonly Key[] = [
  "home",
  "service",
  "station",
  "safety",
  "building",
  "party",
  "roster",
  "duties",
  "window",
  "organisation",
  "operations",
];
