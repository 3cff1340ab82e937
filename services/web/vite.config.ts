import { fileURLToPath, URL } from "node:url";

import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import Components from "unplugin-vue-components/vite";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The faces besides the portal; each is a page of its own and routes by history below its folder. */
const FACES = ["console", "desk", "screen"] as const;

/** In development the gateway does not serve the pages, so its rule "a face answers for its folder" is repeated here. */
function faces(): Plugin {
  return {
    name: "louyu-faces",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "/").split("?")[0] ?? "/";
        const isPage = !path.includes(".") && !path.startsWith("/@") && !path.startsWith("/v1");
        if (isPage) {
          const face = FACES.find((name) => path === `/${name}` || path.startsWith(`/${name}/`));
          request.url = face ? `/${face}/index.html` : "/index.html";
        }
        next();
      });
    },
  };
}

const gateway = process.env["LOUYU_GATEWAY"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  appType: "mpa",
  plugins: [
    faces(),
    vue(),
    Components({
      dirs: [],
      dts: false,
      resolvers: [ElementPlusResolver({ importStyle: "css" }), VantResolver()],
    }),
  ],
  resolve: { alias: { "@": at("./src") } },
  build: {
    target: "es2022",
    outDir: "dist",
    // Inlined data: URLs would need a wider Content-Security-Policy than the gateway sends.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    manifest: true,
    rollupOptions: {
      input: {
        portal: at("./index.html"),
        ...Object.fromEntries(FACES.map((face) => [face, at(`./${face}/index.html`)])),
      },
      output: {
        // What every face shares is one file each: on a slow phone, round trips cost more than bytes.
        codeSplitting: {
          groups: [
            { name: "vue", test: /export-helper|preload-helper|node_modules[\\/](?:vue|@vue|vue-router)[\\/]/, priority: 3 },
            { name: "common", test: /src[\\/](?:api|design|session|words)[\\/]/, priority: 2 },
            { name: "pages", test: /src[\\/]portal[\\/](?!main\.ts)/, priority: 1 },
            { name: "staff", test: /src[\\/]staff[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/v1": { target: gateway }, "/openapi.json": { target: gateway } },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
  },
});
