import { membership } from "@/session/session";

/** The class that a role most likely speaks for; people can choose another. */
const CLASS_OF: Readonly<Record<string, string>> = {
  enterprise_contact: "ENTERPRISE",
  worker: "WORKER",
  activist: "WORKER",
  member: "MEMBER",
  floating_member: "MEMBER",
  public: "PUBLIC",
  volunteer: "PUBLIC",
  property_provider: "COMMISSIONED_UNIT",
  branch_secretary: "CADRE",
  affairs_clerk: "CADRE",
};

export function myClass(): string {
  const roles = membership.value?.roles ?? [];
  return roles.map((role) => CLASS_OF[role]).find((found) => found !== undefined) ?? "WORKER";
}
