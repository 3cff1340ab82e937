import type { Community, CommunityCheckin, CommunityService, Org } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { nameOf } from "@/words/terms.words";
import { checkinVerbWord, communityPostWord, GROUPS, groupWord, POSTS } from "@/words/community.words";

import { say } from "./words";

const posts = POSTS.map((value) => ({ value, label: communityPostWord(value) }));
const reason: FieldSpec = { name: "reason", label: say("reason"), kind: "lines", required: true, min: 2, max: 200 };

export function checkInForm(branches: readonly Org[], communities: readonly Community[]): FormSpec {
  return {
    name: "community.checkin",
    title: say("checkIn"),
    text: say("checkInText"),
    verb: say("checkIn"),
    fields: [
      { name: "org_id", label: say("branch"), kind: "choice", required: true, options: branches.map((one) => ({ value: one.id, label: one.name ?? "" })) },
      { name: "community_id", label: say("community"), kind: "choice", required: true, options: communities.map((one) => ({ value: one.id, label: nameOf(one) })) },
      { name: "offers", label: say("offers"), kind: "choices", options: posts },
    ],
  };
}

export function checkinForm(verb: string, one: CommunityCheckin): FormSpec {
  const form: FormSpec = {
    name: `community.${verb}.${one.id}.${one.etag ?? ""}`,
    title: `${checkinVerbWord(verb)} · ${one.display || one.org_name}`,
    verb: checkinVerbWord(verb),
    fields: [],
  };
  switch (verb) {
    case "confirm":
      return one.kind === "MEMBER"
        ? { ...form, fields: [{ name: "post", label: say("post"), hint: say("postHint"), kind: "choice", required: true, options: posts }] }
        : form;
    case "return":
      return { ...form, danger: true, fields: [reason] };
    default:
      return { ...form, danger: true, text: say("endText") };
  }
}

/** A service that an organisation plans, or that the community asks one for. */
export function taskForm(organisations: readonly CommunityCheckin[], here: boolean): FormSpec {
  const title = here ? say("ask") : say("plan");
  return {
    name: "community.task",
    title,
    ...(here ? { text: say("askText") } : {}),
    verb: title,
    fields: [
      {
        name: "checkin_id",
        label: here ? say("organisation") : say("community"),
        kind: "choice",
        required: true,
        options: organisations.map((one) => ({ value: one.id, label: here ? `${one.place_name} · ${one.org_name}` : `${one.community_name} · ${one.org_name}` })),
      },
      { name: "title", label: say("what"), hint: say("whatHint"), required: true, min: 2, max: 40 },
      { name: "group", label: say("group"), kind: "choice", required: true, options: GROUPS.map((value) => ({ value, label: groupWord(value) })), half: true },
      { name: "due_on", label: say("due"), kind: "day", required: true, half: true },
    ],
  };
}

export function serviceForm(verb: string, one: CommunityService, members: readonly CommunityCheckin[]): FormSpec {
  const form: FormSpec = {
    name: `community.${verb}.${one.id}.${one.etag ?? ""}`,
    title: `${checkinVerbWord(verb)} · ${one.title ?? ""}`,
    verb: checkinVerbWord(verb),
    fields: [],
  };
  switch (verb) {
    case "report":
      return {
        ...form,
        fields: [
          { name: "held_on", label: say("held"), kind: "day", required: true, half: true },
          { name: "helped", label: say("helped"), kind: "number", required: true, min: 1, max: 10000, half: true },
          {
            name: "who",
            label: say("served"),
            hint: say("servedHint"),
            kind: "choices",
            required: true,
            options: members.filter((each) => each.community_id === one.community_id).map((each) => ({ value: each.id, label: each.display ?? "" })),
          },
          { name: "minutes", label: say("each"), kind: "number", required: true, min: 15, max: 960 },
        ],
      };
    case "confirm":
      return { ...form, text: say("confirmText") };
    case "return":
    case "decline":
      return { ...form, danger: true, fields: [reason] };
    default:
      return form;
  }
}

/** Everybody who was chosen served the same time. */
export function servedBody(form: FormModel): object {
  const who = form["who"] as string[];
  return {
    held_on: form["held_on"],
    helped: form["helped"],
    servings: who.map((checkin_id) => ({ checkin_id, minutes: form["minutes"] })),
  };
}
