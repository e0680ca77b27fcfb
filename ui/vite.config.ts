import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The page runs under `default-src 'none'` with files from 'self' alone, so nothing may be inlined: no data:
// URI, no inline script, no polyfill that writes a tag.
export default defineConfig({
  plugins: [react()],
  base: "./",
  build: {
    target: ["es2022", "safari16"],
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  server: { port: 5173, strictPort: true, host: "127.0.0.1" },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
    testTimeout: 300_000,
    // By default one core is left idle.
    maxWorkers: "100%",
  },
});
