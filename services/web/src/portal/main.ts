import "@/design/base.css";
import "@/design/vant.css";
import "./portal.css";

import { createApp } from "vue";

import { applyTheme } from "@/design/theme";

import App from "./App.vue";
import { router } from "./router";

applyTheme();
const app = createApp(App).use(router);
// The page's own first words stay until the first page is known: on a slow line that is the better second.
void router.isReady().finally(() => app.mount("#app"));
