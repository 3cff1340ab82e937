import { shallowRef } from "vue";

/** One ticking minute for every relative time on the page. */
export const minuteNow = shallowRef(new Date());

setInterval(() => (minuteNow.value = new Date()), 30_000);
